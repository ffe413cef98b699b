"""Which commit a tree comes from; nothing when it is in no git work tree."""

import subprocess
from pathlib import Path

_SECONDS = 10
DIRTY = "-dirty"


def commit_of(tree: Path) -> str | None:
    """The commit that is checked out, with `-dirty` when files of the tree differ from it; None when git does not tell."""
    commit = _git(tree, "rev-parse", "HEAD")
    if not commit:
        return None
    changes = _git(tree, "status", "--porcelain", "--", ".")
    return f"{commit}{DIRTY}" if changes else commit


def _git(tree: Path, *words: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(tree), *words], capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
