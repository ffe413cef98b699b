"""Which wheels a Glue version gets."""

from __future__ import annotations

import pytest

from monorepo.glue import without_markers

LOCKED = """\
duckdb==1.5.5 ; python_version >= "3.10" and python_version < "3.14" \\
    --hash=sha256:aa \\
    --hash=sha256:bb
pyarrow==20.0.0 ; python_version == "3.10" \\
    --hash=sha256:cc
pyarrow==26.0.1 ; python_version >= "3.11" and python_version < "3.14" \\
    --hash=sha256:dd
tzdata==2026.1 ; sys_platform == "win32" \\
    --hash=sha256:ee
msgspec==0.22.0 \\
    --hash=sha256:ff
"""


@pytest.mark.parametrize(("python", "pyarrow"), [("3.10", "20.0.0"), ("3.11", "26.0.1"), ("3.13", "26.0.1")])
def test_markers_are_judged_by_the_python_of_the_glue_version(python: str, pyarrow: str) -> None:
    lines = [line.strip(" \\") for line in without_markers(LOCKED, python).splitlines()]
    assert [line for line in lines if "==" in line] == [
        "duckdb==1.5.5",
        f"pyarrow=={pyarrow}",
        "msgspec==0.22.0",
    ]
    assert "--hash=sha256:ff" in lines
    assert "--hash=sha256:ee" not in lines
