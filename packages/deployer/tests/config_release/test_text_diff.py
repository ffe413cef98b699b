"""Diffs of texts are what git understands, and their numbers are right."""

import subprocess
from pathlib import Path

import pytest

from deployer.config_release.text_diff import text_diff

PATH = "EDV/A/1_X.sql"
CASES = {
    "changed": (b"a\nb\nc\n", b"a\nx\ny\nc\n", 2, 1),
    "no newline at the end": (b"a\nb", b"a\nb\n", 1, 1),
    "new": (b"", b"-- a\nb", 2, 0),
    "gone": (b"--\na\n", b"", 0, 2),
    "other ends of lines": (b"a\r\nb\r\n", b"a\nb\n", 2, 2),
    "lines like headers": (b"-- x\n", b"++ x\n\x0cb\n", 2, 1),
    "not ASCII": ("ä\n".encode(), "ö\u2028\n".encode(), 1, 1),
}


@pytest.mark.parametrize(("old", "new", "added", "removed"), CASES.values(), ids=CASES.keys())
def test_git_makes_the_new_file_of_the_old_one(
    old: bytes, new: bytes, added: int, removed: int, tmp_path: Path
) -> None:
    found = text_diff(PATH, old, new)
    assert (found.added, found.removed) == (added, removed)
    file = tmp_path / PATH
    file.parent.mkdir(parents=True)
    if old:
        file.write_bytes(old)
    subprocess.run(
        ["git", "apply", "--whitespace=nowarn", "-"],
        cwd=tmp_path,
        input="".join(found.lines).encode(),
        check=True,
    )
    assert (file.read_bytes() if new else file.exists()) == (new or False)


def test_ends_of_lines_alone_are_told_apart() -> None:
    assert text_diff(PATH, b"a\r\nb\r\n", b"a\nb\n").endings_only
    assert not text_diff(PATH, b"a\r\nb\r\n", b"a\nc\n").endings_only
    assert not text_diff(PATH, b"", b"a\n").endings_only
