"""A zip is tried before anyone deploys it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from monorepo.archive import write_zip
from monorepo.lambdas import import_time
from monorepo.packages import MonorepoError

HERE = f"python{sys.version_info.major}.{sys.version_info.minor}"


def test_a_handler_is_imported_from_the_zip_alone(tmp_path: Path) -> None:
    write_zip(
        tmp_path / "f.zip", {"pkg/__init__.py": b"", "pkg/handler.py": b"def handler(event, context): ...\n"}
    )
    milliseconds = import_time(tmp_path / "f.zip", "pkg.handler.handler", HERE)
    assert milliseconds is not None
    assert 0 <= milliseconds < 5_000


def test_a_missing_dependency_fails_the_build_by_name(tmp_path: Path) -> None:
    write_zip(
        tmp_path / "f.zip",
        {"pkg/__init__.py": b"", "pkg/handler.py": b"import nox\ndef handler(e, c): ...\n"},
    )
    with pytest.raises(
        MonorepoError,
        match=r"cannot be imported from the zip alone:\n[\s\S]*No module named 'nox'",
    ):
        import_time(tmp_path / "f.zip", "pkg.handler.handler", HERE)


def test_a_name_that_is_no_function_fails_the_build(tmp_path: Path) -> None:
    write_zip(tmp_path / "f.zip", {"pkg/__init__.py": b"", "pkg/handler.py": b"handler = 1\n"})
    with pytest.raises(MonorepoError, match="cannot be imported"):
        import_time(tmp_path / "f.zip", "pkg.handler.handler", HERE)


def test_a_zip_for_another_python_is_not_tried(tmp_path: Path) -> None:
    assert import_time(tmp_path / "absent.zip", "pkg.handler.handler", "python3.99") is None
