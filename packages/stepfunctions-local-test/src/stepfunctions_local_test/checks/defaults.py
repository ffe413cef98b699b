"""Does every choice have a default for the case that no rule is true?"""

from __future__ import annotations

from collections.abc import Iterator

from stepfunctions_local_test.checks.finding import DEFAULT, Finding
from stepfunctions_local_test.graph import Graph


def problems(graph: Graph) -> Iterator[Finding]:
    """Choices without Default: when no rule is true, they fail with States.Runtime, which no catcher catches."""
    for state in graph.states.values():
        if state.kind == "Choice" and "Default" not in state.body:
            message = (
                "has no Default: when no rule holds, the execution ends with States.Runtime, which nothing can catch; "
                "add a Default that leads to a Fail"
            )
            yield Finding(DEFAULT, graph.name, state.name, message)
