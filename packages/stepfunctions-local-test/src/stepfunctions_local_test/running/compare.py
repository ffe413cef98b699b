"""Compares outcomes with expectations, and engines with each other; each difference is a sentence."""

import difflib
import json
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any

from stepfunctions_local_test.graph import Graph
from stepfunctions_local_test.running.outcome import Outcome
from stepfunctions_local_test.scenarios.paths import Path, lines, states

SHOWN = 200
ROUNDING = 0.0005  # timestamps have milliseconds


def differences(outcome: Outcome) -> list[str]:
    """All differences of an outcome from its scenario's expectation and from the definition."""
    return [*_ends(outcome), *_path_differences(outcome), *outcome.covered.disagreements]


def _ends(outcome: Outcome) -> Iterator[str]:
    wanted = outcome.scenario.expect
    if outcome.status != wanted.status:
        why = f": {outcome.error}: {_short(outcome.cause)}" if outcome.error else ""
        yield f"status is {outcome.status}, not {wanted.status}{why}"
    if wanted.output is not None:
        yield from _unlike("output", wanted.output, outcome.result)
    if wanted.error is not None and outcome.error != wanted.error:
        yield f"error is {outcome.error}, not {wanted.error}"
    if wanted.cause is not None and wanted.cause not in (outcome.cause or ""):
        yield f"cause is {_short(outcome.cause)}, without {_short(wanted.cause)}"
    if wanted.seconds is not None and outcome.simulated is not None:
        least, most = wanted.seconds
        if not least - ROUNDING <= outcome.simulated <= most + ROUNDING:
            expected = f"{least:g}" if least == most else f"{least:g} to {most:g}"
            yield f"it took {outcome.simulated:g} simulated seconds, not {expected}"


def _path_differences(outcome: Outcome) -> Iterator[str]:
    wanted, calls = outcome.scenario.expect, outcome.calls
    if wanted.path is not None and outcome.path != wanted.path:
        yield _paths("the path differs", wanted.path, outcome.path)
    for state, times in wanted.calls.items():
        if calls.get(state, 0) != times:
            yield f"{state} was called {calls.get(state, 0)} times, not {times}"
    entered = set(states(outcome.path))
    for state in sorted(outcome.scenario.own_tasks - entered):
        yield f"{state} was never entered; remove tasks.{state}, or fix the path to it"
    for state in sorted(_tasks(outcome.replay.graph) & entered - outcome.scenario.answers.keys()):
        yield f"{state} was entered, but tasks.{state} has no answer for it"


def _tasks(graph: Graph) -> set[str]:
    return {state.name for state in graph.states.values() if state.kind == "Task"}


def _unlike(where: str, wanted: Any, got: Any) -> Iterator[str]:
    """Objects may have more keys than expected; lists must have the same length, and all other values must be equal."""
    if isinstance(wanted, dict) and isinstance(got, dict):
        for key, value in wanted.items():
            if key in got:
                yield from _unlike(f"{where}.{key}", value, got[key])
            else:
                yield f"{where}.{key} is missing, not {_short(value)}"
    elif isinstance(wanted, list) and isinstance(got, list) and len(wanted) == len(got):
        for number, (value, came) in enumerate(zip(wanted, got, strict=True)):
            yield from _unlike(f"{where}[{number}]", value, came)
    elif wanted != got or isinstance(wanted, bool) != isinstance(got, bool):
        yield f"{where} is {_short(got)}, not {_short(wanted)}"


def _paths(title: str, wanted: Path, got: Path) -> str:
    changed = difflib.unified_diff(lines(wanted), lines(got), "expected", "actual", lineterm="", n=2)
    return "\n".join([title, *(f"    {line}" for line in changed)])


def disagreements(outcomes: Sequence[Outcome]) -> list[str]:
    """Differences between engines that ran the same scenario; causes are not compared, engines word them differently."""
    return [text for one, other in combinations(outcomes, 2) for text in _between(one, other)]


def _between(one: Outcome, other: Outcome) -> Iterator[str]:
    for name in ("status", "error", "result", "calls"):
        first, second = getattr(one, name), getattr(other, name)
        if first != second:
            what = "output" if name == "result" else name
            yield f"{what} is {_short(first)} on {one.engine}, {_short(second)} on {other.engine}"
    if one.path != other.path:
        yield _paths(
            f"the path on {one.engine} (expected) and on {other.engine} (actual)", one.path, other.path
        )


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}... ({len(text)} characters)"
