"""The result of a proof, used by tables, files and the exit code."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from stepfunctions_local_test.checks import Finding
from stepfunctions_local_test.coverage import Coverage, Item
from stepfunctions_local_test.running import Outcome, differences, disagreements
from stepfunctions_local_test.scenarios import Scenario
from stepfunctions_local_test.suggestions import Suggestion


@dataclass(frozen=True)
class Skipped:
    """An engine that did not run, and why; `required` makes it a failure."""

    engine: str
    reason: str
    required: bool = False


@dataclass(frozen=True)
class Compared:
    """One scenario with its outcomes; a problem belongs to one engine, or (None) is a difference between two."""

    machine: str
    scenario: Scenario
    outcomes: tuple[Outcome, ...]

    @cached_property
    def problems(self) -> tuple[tuple[str | None, str], ...]:
        """Differences from the expectation, and between the engines."""
        own = [(one.engine, text) for one in self.outcomes for text in differences(one)]
        return (*own, *((None, text) for text in disagreements(self.outcomes)))


@dataclass(frozen=True)
class Result:
    """`partial`: only some scenarios ran, so coverage is not judged."""

    engines: tuple[str, ...]
    compared: tuple[Compared, ...]
    coverages: tuple[Coverage, ...]
    findings: tuple[Finding, ...] = ()
    suggestions: tuple[tuple[str, Suggestion], ...] = ()
    skipped: tuple[Skipped, ...] = ()
    partial: bool = False
    seconds: float = 0.0
    engine_seconds: dict[str, float] = field(default_factory=dict)

    def problems(self) -> Iterator[str]:
        """The reasons for exit code 1, one sentence each; none on success."""
        for one in self.compared:
            for engine, text in one.problems:
                yield f"{one.scenario.name} ({engine or 'engines differ'}): {text}"
        yield from map(str, self.findings)
        for skip in self.skipped:
            if skip.required:
                yield f"engine {skip.engine} is required but cannot run: {skip.reason}"
        if not self.partial:
            yield from self._coverage()

    def _coverage(self) -> Iterator[str]:
        for one in self.coverages:
            yield from one.problems
            if one.missing:
                yield f"{one.graph.name}: {len(one.missing)} of {len(one.items)} branches are covered by no scenario"

    def missing(self) -> Iterator[tuple[str, Item]]:
        """All uncovered branches, with their machines."""
        for one in self.coverages:
            for item in one.missing:
                yield one.graph.name, item


def compared(outcomes: Sequence[Outcome]) -> tuple[Compared, ...]:
    """Outcomes of all engines, scenario by scenario."""
    grouped: dict[tuple[str, str], list[Outcome]] = {}
    for one in outcomes:
        grouped.setdefault((one.machine, one.scenario.name), []).append(one)
    return tuple(
        Compared(machine, found[0].scenario, tuple(found)) for (machine, _), found in grouped.items()
    )
