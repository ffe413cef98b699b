"""Which commit a tree comes from."""

import subprocess
from pathlib import Path

from deployer.config_release.origin import commit_of


def git(root: Path, *words: str) -> str:
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.invalid")
    done = subprocess.run(["git", *identity, *words], cwd=root, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_a_commit_is_named_and_changes_of_the_tree_alone_make_it_dirty(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    assert commit_of(tree) is None
    git(tmp_path, "init", "-q")
    assert commit_of(tree) is None
    (tree / "a.sql").write_text("SELECT 1")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "first")
    commit = git(tmp_path, "rev-parse", "HEAD")
    (tmp_path / "beside.txt").write_text("x")
    assert commit_of(tree) == commit
    (tree / "b.sql").write_text("SELECT 2")
    assert commit_of(tree) == f"{commit}-dirty"
