"""Does every task have a time limit? Without one Step Functions waits for 99,999,999 seconds, three years."""

from __future__ import annotations

from collections.abc import Iterator

from stepfunctions_local_test.checks.finding import TIMEOUT, Finding
from stepfunctions_local_test.graph import Graph

_WAITING = (".sync", ".sync:2", ".waitForTaskToken")
_LIMITS = ("TimeoutSeconds", "TimeoutSecondsPath")


def problems(graph: Graph) -> Iterator[Finding]:
    """Tasks without TimeoutSeconds, with a message of their own for tasks that wait for a job."""
    for state in graph.states.values():
        if state.kind == "Task" and not any(limit in state.body for limit in _LIMITS):
            yield Finding(TIMEOUT, graph.name, state.name, _message(str(state.body["Resource"])))


def _message(resource: str) -> str:
    if resource.endswith(_WAITING):
        return (
            f"waits for {resource} without TimeoutSeconds: without an answer it waits for years; "
            "set TimeoutSeconds"
        )
    return (
        f"calls {resource} without TimeoutSeconds; set it, so that a call that hangs ends as States.Timeout"
    )
