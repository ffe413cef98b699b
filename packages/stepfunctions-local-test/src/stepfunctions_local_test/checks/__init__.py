"""Static checks of a definition (Amazon States Language, JSONPath).

Each check is a module with one function that yields findings; checks are independent. An invalid definition gets only
the findings of the schema, because the other checks need a valid one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from stepfunctions_local_test.checks import (
    defaults,
    limits,
    links,
    matching,
    reachable,
    schema,
    swallowed,
    timeouts,
)
from stepfunctions_local_test.checks import resources as names
from stepfunctions_local_test.checks.accepted import Accepted, load_accepted, without_accepted
from stepfunctions_local_test.checks.contracts import Contracts, load_contracts
from stepfunctions_local_test.checks.finding import ChecksError, Finding
from stepfunctions_local_test.checks.paths.data_flow import missing_paths
from stepfunctions_local_test.checks.resources import Resources
from stepfunctions_local_test.graph import Graph

__all__ = [
    "Accepted",
    "ChecksError",
    "Contracts",
    "Finding",
    "Resources",
    "check",
    "check_definition",
    "load_accepted",
    "load_contracts",
    "without_accepted",
]


def check(
    graph: Graph,
    resources: Resources | None = None,
    contracts: Contracts | None = None,
    accepted: Iterable[Accepted] = (),
) -> tuple[Finding, ...]:
    """All findings of a machine that are not accepted. Without resources no name is checked, and without contracts no
    path.
    """
    return check_definition(graph.name, graph.definition, resources, contracts, accepted)


def check_definition(
    name: str,
    definition: Mapping[str, Any],
    resources: Resources | None = None,
    contracts: Contracts | None = None,
    accepted: Iterable[Accepted] = (),
) -> tuple[Finding, ...]:
    """As `check`, for a definition that may be invalid."""
    broken = tuple(schema.problems(name, definition)) or tuple(links.problems(name, definition))
    if broken:
        return broken
    found = tuple(_of_valid(Graph.of(name, definition), resources, contracts))
    return tuple(without_accepted(name, found, accepted))


def _of_valid(graph: Graph, resources: Resources | None, contracts: Contracts | None) -> Iterator[Finding]:
    for module in (reachable, timeouts, defaults, matching, swallowed, limits):
        yield from module.problems(graph)
    if resources is not None:
        yield from names.problems(graph, resources)
    if contracts is not None:
        yield from missing_paths(graph, contracts)
