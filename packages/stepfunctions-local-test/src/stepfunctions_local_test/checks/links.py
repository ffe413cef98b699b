"""Does every link lead somewhere? StartAt, Next and Default name a state of their own level, and names are unique."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from local_aws.asl import levels
from stepfunctions_local_test.checks.finding import LINKS, Finding
from stepfunctions_local_test.graph import END, State, edges_of


def problems(machine: str, definition: Mapping[str, Any]) -> Iterator[Finding]:
    """Broken links; works on the definition, because a graph needs valid links."""
    seen: set[str] = set()
    for level, body in levels(definition):
        known = ", ".join(body["States"])
        where = level[-1] if level else ""
        if body["StartAt"] not in body["States"]:
            yield Finding(LINKS, machine, where, f"StartAt is '{body['StartAt']}', which is none of: {known}")
        for name, state in body["States"].items():
            if name in seen:
                yield Finding(LINKS, machine, name, "is written twice; names must differ inside maps too")
            seen.add(name)
            for edge in edges_of(State(name, state, level)):
                if edge.target != END and edge.target not in body["States"]:
                    message = f"its way on ({edge.kind}) leads to '{edge.target}', which is none of: {known}"
                    yield Finding(LINKS, machine, name, message)
