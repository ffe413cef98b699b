"""Writes a plan of fixes, all of it or nothing: new files beside the old ones first, then each takes its place."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sql_tree.fixing.plan import FixPlan
from sql_tree.fixing.source import FixError

_BESIDE = ".fix-new"


def write_fixes(plan: FixPlan) -> list[str]:
    """The paths that were written. Raises FixError, with the tree as it was, when one of them cannot be written."""
    olds = {new: old for old, new in plan.renames.items()}
    changed = [
        (olds.get(path, path), path)
        for path, content in plan.after.items()
        if path in olds or plan.before.get(path) != content
    ]
    for old, _ in changed:
        _require_unchanged(plan, old)
    with _undone_on_error(plan, changed):
        _replace(plan, changed)
    _remove_empty(plan.root, [old for old, new in changed if old != new])
    return [new for _, new in changed]


def _require_unchanged(plan: FixPlan, name: str) -> None:
    path = plan.root / name
    if name not in plan.before:
        return
    if path.read_bytes() != plan.before[name]:
        raise FixError(f"{path} changed since it was read; nothing was written, run it again")
    if not path.stat().st_mode & stat.S_IWUSR or not os.access(path.parent, os.W_OK):
        raise FixError(f"{path} is read-only; nothing was written, make it writable and run it again")


def _replace(plan: FixPlan, changed: list[tuple[str, str]]) -> None:
    for old, new in changed:
        target = plan.root / new
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = _beside(target)
        beside.write_bytes(plan.after[new])
        if (plan.root / old).exists():
            beside.chmod(stat.S_IMODE((plan.root / old).stat().st_mode))
    for old, new in changed:
        if old != new:
            (plan.root / old).rename(plan.root / new)
        _beside(plan.root / new).replace(plan.root / new)


@contextmanager
def _undone_on_error(plan: FixPlan, changed: list[tuple[str, str]]) -> Iterator[None]:
    try:
        yield
    except BaseException as error:
        for old, new in changed:
            _beside(plan.root / new).unlink(missing_ok=True)
            if old != new or old not in plan.before:
                (plan.root / new).unlink(missing_ok=True)
            if old in plan.before:
                _put_back(plan.root / old, plan.before[old])
        _remove_empty(plan.root, [new for old, new in changed if old != new])
        if isinstance(error, OSError):
            reason = f"{error.filename or plan.root}: {error.strerror or error}"
            raise FixError(f"{reason}; nothing was written, every file is as it was") from error
        raise


def _put_back(path: Path, content: bytes) -> None:
    if not path.is_file() or path.read_bytes() != content:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}{_BESIDE}")


def _remove_empty(root: Path, names: list[str]) -> None:
    for name in names:
        folder = (root / name).parent
        while folder != root and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
            folder = folder.parent
