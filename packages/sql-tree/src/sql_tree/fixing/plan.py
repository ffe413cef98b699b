"""Plans the fixes of a tree: proposes, tries, and says what is left. Writes nothing."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sql_tree.compiler.problems import Problem
from sql_tree.fixing.clock import clock_fixes
from sql_tree.fixing.edits import Fix, Left, Proposal, edited
from sql_tree.fixing.external import external_fixes
from sql_tree.fixing.fix_kinds import OF_CODE
from sql_tree.fixing.hashes import hash_fixes
from sql_tree.fixing.metadata_rows import duplicate_fixes, requirement_fixes, waiver_fixes
from sql_tree.fixing.names import cell_fixes, rename_fixes
from sql_tree.fixing.operations import operation_fixes
from sql_tree.fixing.source import Snapshot, Source, read_source, take_snapshot
from sql_tree.fixing.trial import Trial, key_of

_PROPOSERS = (
    cell_fixes,
    clock_fixes,
    operation_fixes,
    hash_fixes,
    external_fixes,
    requirement_fixes,
    duplicate_fixes,
    waiver_fixes,
)
_RENDER = "change metadata/model and run nox -s render"


@dataclass(frozen=True)
class FixPlan:
    """`before` has the paths of now, `named` those after the renames, `after` the fixed bytes under them."""

    root: Path
    before: Mapping[str, bytes]
    named: Mapping[str, bytes]
    after: Mapping[str, bytes]
    fixes: tuple[Fix, ...]
    left: tuple[Left, ...]
    others: int  # findings that are open and that no kind of fix is for

    @property
    def renames(self) -> dict[str, str]:
        """New path by old one."""
        return {fix.rename.old: fix.rename.new for fix in self.fixes if fix.rename is not None}


def plan_fixes(root: Path) -> FixPlan:
    """The fixes of the tree below `root` that can be proven. Raises FixError when it is no tree."""
    snapshot = take_snapshot(root)
    source = read_source(snapshot, snapshot.files)
    names = _tried(source, rename_fixes(source))
    named = edited(source.files, names.kept)
    if names.kept:
        source = read_source(snapshot, named)
    texts = _tried(source, (one for propose in _PROPOSERS for one in propose(source)))
    left = [*names.left, *texts.left]
    left += _unmentioned(source, snapshot, texts.kept, left)
    others = [finding for finding in source.found.open if finding.problem.code not in OF_CODE]
    return FixPlan(
        root,
        snapshot.files,
        named,
        edited(named, texts.kept),
        (*names.kept, *texts.kept),
        tuple(sorted(left, key=lambda one: (one.kind, one.path, one.line))),
        len(others),
    )


@dataclass(frozen=True)
class _Tried:
    kept: list[Fix]
    left: list[Left]


def _tried(source: Source, proposals: Iterable[Proposal]) -> _Tried:
    found = list(proposals)
    trial = Trial(source)
    trial.run([one for one in found if isinstance(one, Fix)])
    trial.drop_unsupported()
    left = [one for one in found if isinstance(one, Left)]
    for fix, reason in trial.withdrawn:
        left.append(
            Left(fix.kind, fix.path, fix.line, f"{fix.text}: withdrawn, {reason}", "write it by hand")
        )
    return _Tried(trial.kept, left)


def _unmentioned(
    source: Source, snapshot: Snapshot, kept: Iterable[Fix], left: Iterable[Left]
) -> Iterator[Left]:
    """Findings of fixable kinds that no proposal spoke of: rendered files, and scripts that do not parse."""
    resolved = {key_of(problem) for fix in kept for problem in fix.resolves}
    told = {(one.kind, one.path, one.line) for one in left}
    for finding in source.found.open:
        problem = finding.problem
        kind = OF_CODE.get(problem.code)
        known = kind is None or key_of(problem) in resolved or (kind, problem.file, problem.line) in told
        if known or finding.cause is not None or kind is None or _is_told(problem, left):
            continue
        if snapshot.is_rendered(problem.file) or (
            kind in ("external", "requirements") and snapshot.has_model
        ):
            yield Left(kind, problem.file, problem.line, f"{problem.text}; the model renders it", _RENDER)
        else:
            reason = f"{problem.text}; what else the file says is not understood"
            yield Left(kind, problem.file, problem.line, reason, problem.kind.instead)


def _is_told(problem: Problem, left: Iterable[Left]) -> bool:
    """Whether a table that several scripts read was spoken of at its first place."""
    if problem.code not in ("unknown-table", "undeclared-table"):
        return False
    return any(one.kind == "external" and one.reason.split(";")[0] in problem.text for one in left)
