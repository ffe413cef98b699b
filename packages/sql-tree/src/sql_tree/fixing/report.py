"""Says what a plan of fixes changes and what it leaves: a diff for people, JSON for programs."""

import difflib
from collections.abc import Iterator
from typing import Any

from sql_tree.fixing.edits import Edit, Fix, edited
from sql_tree.fixing.fix_kinds import FIX_KINDS, FixKind
from sql_tree.fixing.hashes import NOT_ADDED
from sql_tree.fixing.plan import FixPlan

_CONTEXT = 2  # lines around a change


def diff_text(plan: FixPlan) -> str:
    """Renames and a unified diff, grouped by kind of fix, then what is left and why."""
    lines = [line for kind in FIX_KINDS.values() for line in _kind_lines(plan, kind)]
    return "\n".join([*lines, *_left_lines(plan)]) + "\n"


def summary_line(plan: FixPlan) -> str:
    """How many changes there are, and how much is left."""
    files = {fix.path for fix in plan.fixes}
    changes = f"{_count(len(plan.fixes), 'change')} in {_count(len(files), 'file')}"
    rest = f"{len(plan.left)} left to you" if plan.left else "nothing left of these kinds"
    return f"{changes}; {rest}"


def as_data(plan: FixPlan) -> dict[str, Any]:
    """The plan as JSON data. Offsets are bytes of the file before the edits, under its name after the renames."""
    return {
        "root": str(plan.root),
        "changes": len(plan.fixes),
        "fixes": [_fix_data(fix) for fix in plan.fixes],
        "left": [
            {
                "kind": one.kind,
                "file": one.path,
                "line": one.line,
                "reason": one.reason,
                "instead": one.instead,
            }
            for one in plan.left
        ],
        "otherFindings": plan.others,
    }


def _fix_data(fix: Fix) -> dict[str, Any]:
    return {
        "kind": fix.kind,
        "file": fix.path,
        "line": fix.line,
        "text": fix.text,
        "codes": sorted({problem.code for problem in fix.resolves}),
        "rename": None if fix.rename is None else {"from": fix.rename.old, "to": fix.rename.new},
        "edits": [_edit_data(edit) for edit in fix.edits],
    }


def _edit_data(edit: Edit) -> dict[str, Any]:
    return {"file": edit.path, "start": edit.start, "end": edit.end, "new": edit.new.decode()}


def _kind_lines(plan: FixPlan, kind: FixKind) -> Iterator[str]:
    fixes = [fix for fix in plan.fixes if fix.kind == kind.name]
    if not fixes:
        return
    files = {fix.path for fix in fixes}
    yield f"[{kind.name}] {kind.title}: {_count(len(fixes), 'change')} in {_count(len(files), 'file')}"
    yield f"  safe because: {kind.proof}"
    if any(fix.text.endswith(NOT_ADDED) for fix in fixes):
        yield f"  note: {NOT_ADDED}"
    yield from (f"rename {fix.text}" for fix in fixes if fix.rename is not None)
    after = edited(plan.named, [fix for fix in fixes if fix.rename is None])
    for path in sorted({edit.path for fix in fixes for edit in fix.edits}):
        yield from _diff(path, plan.named.get(path), after[path])
    yield ""


def _diff(path: str, before: bytes | None, after: bytes) -> Iterator[str]:
    old = "/dev/null" if before is None else f"a/{path}"
    yield from difflib.unified_diff(
        _lines(before or b""), _lines(after), old, f"b/{path}", n=_CONTEXT, lineterm=""
    )


def _lines(content: bytes) -> list[str]:
    """Lines without their ends, which no fix changes."""
    lines = content.decode("utf-8-sig").split("\n")
    return [line.rstrip("\r") for line in (lines if lines[-1] else lines[:-1])]


def _left_lines(plan: FixPlan) -> Iterator[str]:
    if plan.left:
        yield f"not fixed, {len(plan.left)}:"
        yield from (f"  [{one.kind}] {one}" for one in plan.left)
    if plan.others:
        yield f"{_count(plan.others, 'other finding')} without a safe fix: nox -s configs -- check ENV shows them"


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
