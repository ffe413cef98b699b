"""What a fix is: bytes that take the place of others, or a new name for a file, and what is left to a person."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sql_tree.compiler.problems import Problem


@dataclass(frozen=True, slots=True)
class Edit:
    """`new` takes the place of the bytes from `start` to `end` of a file; `start == end` inserts."""

    path: str
    start: int
    end: int
    new: bytes


@dataclass(frozen=True, slots=True)
class Rename:
    """A file that gets another path below the tree's root."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Fix:
    """The smallest change that is kept or withdrawn as a whole.

    `resolves` are the findings that it is for; `needs` are files whose fixes of the same kind must be kept too.
    """

    kind: str
    path: str
    line: int
    text: str
    edits: tuple[Edit, ...] = ()
    rename: Rename | None = None
    resolves: tuple[Problem, ...] = ()
    needs: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Left:
    """What is not fixed, why, and what to write by hand."""

    kind: str
    path: str
    line: int
    reason: str
    instead: str

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place}: {self.reason}; {self.instead}"


Proposal = Fix | Left


def edited(files: Mapping[str, bytes], fixes: Iterable[Fix]) -> dict[str, bytes]:
    """The files with all edits made and all renames done; edits of one file must not overlap."""
    fixes = list(fixes)
    by_path: dict[str, list[Edit]] = {}
    for edit in (edit for fix in fixes for edit in fix.edits):
        by_path.setdefault(edit.path, []).append(edit)
    changed = {**files, **{path: _content(files.get(path, b""), edits) for path, edits in by_path.items()}}
    names = {fix.rename.old: fix.rename.new for fix in fixes if fix.rename is not None}
    return {names.get(path, path): content for path, content in changed.items()}


def _content(before: bytes, edits: Sequence[Edit]) -> bytes:
    parts: list[bytes] = []
    done = 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        if edit.start < done:
            raise ValueError(f"edits of {edit.path} overlap at byte {edit.start}")
        parts += [before[done : edit.start], edit.new]
        done = edit.end
    return b"".join([*parts, before[done:]])
