"""Can every retrier and catcher match an error? The first one that matches takes it.

Wildcards (Step Functions guide, "Error names"): States.ALL takes everything but States.DataLimitExceeded and
States.Runtime, and must stand alone and last; States.TaskFailed takes every failure of a task but States.Timeout.
States.Runtime cannot be caught or tried again at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from stepfunctions_local_test.checks.finding import MATCHING, Finding
from stepfunctions_local_test.graph import Graph

_ALL, _TASK_FAILED, _RUNTIME = "States.ALL", "States.TaskFailed", "States.Runtime"


def problems(graph: Graph) -> Iterator[Finding]:
    """Misplaced wildcards, and entries that can never match."""
    for state in graph.states.values():
        for field in ("Retry", "Catch"):
            for message in _of_field(field, state.body.get(field, ())):
                yield Finding(MATCHING, graph.name, state.name, message)


def _of_field(field: str, entries: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for number, entry in enumerate(entries):
        where, errors = f"{field}[{number}]", entry["ErrorEquals"]
        shown = ", ".join(errors)
        if _ALL in errors and len(errors) > 1:
            yield f"{where} has States.ALL beside others ({shown}); States.ALL must stand alone"
        if _ALL in errors and number < len(entries) - 1:
            yield f"{where} has States.ALL but is not the last of {len(entries)}; move it to the end"
        if set(errors) == {_RUNTIME}:
            yield f"{where} waits for States.Runtime, which always ends the execution; take it out"
        takers = [_taker(error, entries[:number]) for error in errors]
        if all(taker is not None for taker in takers):
            earlier = ", ".join(f"{field}[{n}]" for n in sorted({t for t in takers if t is not None}))
            yield f"{where} ({shown}) can never match, {earlier} takes all its errors; move it up or take it out"


def _taker(error: str, earlier: Sequence[Mapping[str, Any]]) -> int | None:
    """The number of the earlier entry that always takes this error."""
    for number, entry in enumerate(earlier):
        if any(_covers(other, error) for other in entry["ErrorEquals"]):
            return number
    return None


def _covers(wildcard: str, error: str) -> bool:
    if wildcard == error:
        return True
    if wildcard == _ALL:
        return error not in ("States.DataLimitExceeded", _RUNTIME)
    return wildcard == _TASK_FAILED and not error.startswith("States.")
