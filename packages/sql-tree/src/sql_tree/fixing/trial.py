"""Tries fixes by compiling the fixed tree: one is kept when its findings are gone and no other finding came."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sql_tree.compiler.problems import Problem
from sql_tree.fixing.edits import Fix, edited
from sql_tree.fixing.source import Source

_LINES = re.compile(r"\blines? \d+(, \d+)*")

Key = tuple[str, str, str]


@dataclass
class Trial:
    """Fixes of one tree, kept or withdrawn with the reason."""

    source: Source
    kept: list[Fix] = field(default_factory=list)
    withdrawn: list[tuple[Fix, str]] = field(default_factory=list)

    def run(self, fixes: Sequence[Fix]) -> None:
        """Halves what fails until the fixes that fail stand alone: few compilations when nearly all are good."""
        if not fixes:
            return
        reason = self._fault([*self.kept, *fixes])
        if not reason:
            self.kept += fixes
        elif len(fixes) == 1:
            self.withdrawn.append((fixes[0], reason))
        else:
            middle = len(fixes) // 2
            self.run(fixes[:middle])
            self.run(fixes[middle:])

    def drop_unsupported(self) -> None:
        """Withdraws fixes that need one that was withdrawn."""
        lost = {(fix.kind, fix.path) for fix, _ in self.withdrawn}
        for fix in list(self.kept):
            missing = sorted(path for path in fix.needs if (fix.kind, path) in lost)
            if missing:
                self.kept.remove(fix)
                self.withdrawn.append((fix, f"it needs the fix of {missing[0]}"))

    def _fault(self, fixes: Sequence[Fix]) -> str:
        """What the compiler has against the tree with these fixes; '' when it has nothing."""
        try:
            files = edited(self.source.files, fixes)
        except ValueError as error:
            return str(error)
        resolved = Counter(key_of(problem) for fix in fixes for problem in fix.resolves)
        expected = _keys(finding.problem for finding in self.source.found.found)
        expected.subtract(resolved)
        for finding in self.source.snapshot.findings(files).found:
            key = key_of(finding.problem)
            expected[key] -= 1
            if expected[key] < 0:
                known = "stays" if resolved[key] else "comes"
                return f"the finding {finding.problem} {known} with it"
        return ""


def key_of(problem: Problem) -> Key:
    """A finding without its place in the file, which other edits move, and without case, which names may change."""
    return problem.code, problem.file.upper(), _LINES.sub("", problem.text).upper()


def _keys(problems: Iterable[Problem]) -> Counter[Key]:
    return Counter(key_of(problem) for problem in problems)
