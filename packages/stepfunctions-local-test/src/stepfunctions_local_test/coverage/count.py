"""Coverage of one machine: its items, the executions that covered them, exceptions, missing items."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from stepfunctions_local_test.coverage.covered import Covered
from stepfunctions_local_test.coverage.items import GROUPS, Group, Item, items
from stepfunctions_local_test.graph import Edge, Graph


@dataclass(frozen=True)
class Coverage:
    """`by` has the names of the executions that covered each item; `problems` are wrong exceptions."""

    graph: Graph
    items: tuple[Item, ...]
    by: Mapping[Item, tuple[str, ...]]
    exceptions: Mapping[Item, str]
    edges: frozenset[Edge]
    problems: tuple[str, ...] = ()

    @property
    def missing(self) -> tuple[Item, ...]:
        """Items without coverage and without an exception."""
        return tuple(item for item in self.items if item not in self.by and item not in self.exceptions)

    @property
    def complete(self) -> bool:
        """Whether no item is missing and no exception is wrong."""
        return not self.missing and not self.problems

    def of(self, group: Group) -> "Counts":
        """The numbers of one group."""
        own = [item for item in self.items if item.group == group]
        done = sum(item in self.by for item in own)
        return Counts(len(own), done, sum(item in self.exceptions for item in own))

    @property
    def total(self) -> "Counts":
        """The numbers of all groups."""
        counts = [self.of(group) for group in GROUPS]
        return Counts(*(sum(getattr(one, name) for one in counts) for name in ("all", "covered", "excepted")))


@dataclass(frozen=True)
class Counts:
    """The numbers of all, covered and excepted items."""

    all: int
    covered: int
    excepted: int

    @property
    def percent(self) -> float:
        """The coverage of the items without an exception."""
        wanted = self.all - self.excepted
        return 100.0 * self.covered / wanted if wanted else 100.0


def count(graph: Graph, executions: Iterable[tuple[str, Covered]], exceptions: Mapping[str, str]) -> Coverage:
    """Merge the coverage of all executions, given with their names; exceptions have the texts of items as keys."""
    known = items(graph)
    by: dict[Item, list[str]] = {}
    edges: set[Edge] = set()
    for name, one in executions:
        edges |= one.edges
        for item in one.items:
            by.setdefault(item, []).append(name)
    texts = {item.text: item for item in known}
    return Coverage(
        graph=graph,
        items=known,
        by={item: tuple(by[item]) for item in known if item in by},
        exceptions={texts[text]: reason for text, reason in exceptions.items() if text in texts},
        edges=frozenset(edges),
        problems=tuple(_wrong(graph, exceptions, texts, by)),
    )


def _wrong(
    graph: Graph, exceptions: Mapping[str, str], texts: Mapping[str, Item], by: Mapping[Item, list[str]]
) -> Iterable[str]:
    for text in exceptions:
        if text not in texts:
            yield f"{graph.name}: the exception '{text}' names no item; states.json lists the items"
        elif names := by.get(texts[text]):
            yield f"{graph.name}: the exception '{text}' is covered by {names[0]}; remove it"
