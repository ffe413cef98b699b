"""Archives must depend on their content alone."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from monorepo.archive import digests, identity, mode_of, tree, write_zip

FILES = {"b/module.py": b"x = 1\n", "a.txt": b"a" * 1000, "native/lib.so.3": b"\x7fELF"}


def test_files_given_in_another_order_make_the_same_bytes(tmp_path: Path) -> None:
    write_zip(tmp_path / "one.zip", FILES)
    write_zip(tmp_path / "other" / "two.zip", dict(reversed(FILES.items())))
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "other" / "two.zip").read_bytes()


def test_members_keep_content_and_get_fixed_dates_and_modes(tmp_path: Path) -> None:
    write_zip(tmp_path / "one.zip", FILES)
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == FILES
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {entry.filename: entry.external_attr >> 16 for entry in archive.infolist()} == {
            "a.txt": 0o644,
            "b/module.py": 0o644,
            "native/lib.so.3": 0o755,
        }


@pytest.mark.parametrize(
    "changed",
    [
        FILES | {"a.txt": b"b" * 1000},
        {name + ".py": content for name, content in FILES.items()},
        {**FILES, "new": b""},
    ],
)
def test_another_name_or_byte_is_another_identity(changed: dict[str, bytes]) -> None:
    assert identity(changed) != identity(FILES)
    assert identity(dict(reversed(FILES.items()))) == identity(FILES)


def test_a_broken_write_leaves_no_archive(tmp_path: Path) -> None:
    files: dict[str, bytes] = {"a": b"1", "b": None}  # type: ignore[dict-item]
    with pytest.raises(TypeError):
        write_zip(tmp_path / "one.zip", files)
    assert not (tmp_path / "one.zip").exists()


def test_a_pattern_leaves_out_a_file_or_a_whole_folder(tmp_path: Path) -> None:
    for name in (
        "keep.py",
        "keep/deep.py",
        "__pycache__/x.pyc",
        "pkg/__pycache__/y.bin",
        "pkg/event_handler/api/a.py",
        "pkg/z.pyi",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, encoding="utf-8")
    kept = tree(tmp_path, exclude=["__pycache__", "pkg/event_handler", "*.pyi"])
    assert sorted(kept) == ["keep.py", "keep/deep.py"]


def test_digests_name_every_file() -> None:
    assert list(digests(FILES)) == ["a.txt", "b/module.py", "native/lib.so.3"]
    assert mode_of("psycopg_binary/_psycopg.cpython-311-x86_64-linux-gnu.so") == 0o755
