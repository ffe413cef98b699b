"""The items of a machine that executions can cover."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from stepfunctions_local_test.graph import Edge, Graph, State

Group = Literal["states", "transitions", "rules", "retries", "catches"]
GROUPS: tuple[Group, ...] = ("states", "transitions", "rules", "retries", "catches")
MAX_ATTEMPTS = 3  # the default of a retrier: Amazon States Language, "Errors"


@dataclass(frozen=True, slots=True)
class Item:
    """An item; its text is its name in reports and exceptions. `number` counts rules, retriers, catchers from 1."""

    group: Group
    state: str
    text: str
    number: int = 0
    what: str = ""

    def __str__(self) -> str:
        return self.text


def items(graph: Graph) -> tuple[Item, ...]:
    """All items of a machine, state by state in written order."""
    return tuple(item for state in graph.states.values() for item in _of(state, graph))


def _of(state: State, graph: Graph) -> Iterator[Item]:
    yield entered(state.name)
    yield from map(taken, graph.leaving(state.name))
    for number, _ in enumerate(state.body.get("Choices", ()), 1):
        yield ruled(state.name, number, True)
        yield ruled(state.name, number, False)
    for number, retrier in enumerate(state.body.get("Retry", ()), 1):
        if retrier.get("MaxAttempts", MAX_ATTEMPTS):
            yield retried(state.name, number, "recovers")
        yield retried(state.name, number, "gives up")
        yield from (retried(state.name, number, f"on {name}") for name in retrier["ErrorEquals"])
    for number, catcher in enumerate(state.body.get("Catch", ()), 1):
        yield from (caught(state.name, number, name) for name in catcher["ErrorEquals"])


def entered(state: str) -> Item:
    """A state was entered."""
    return Item("states", state, state)


def taken(edge: Edge) -> Item:
    """A transition was made."""
    return Item("transitions", edge.source, str(edge), edge.index + 1, edge.kind)


def ruled(state: str, number: int, held: bool) -> Item:
    """A choice rule was evaluated as true or as false."""
    what = "true" if held else "false"
    return Item("rules", state, f"{state} rule {number} {what}", number, what)


def retried(state: str, number: int, what: str) -> Item:
    """A retrier `recovers` (the next attempt succeeds), `gives up` (no attempt is left), or matches an error `on NAME`."""
    return Item("retries", state, f"{state} retry {number} {what}", number, what)


def caught(state: str, number: int, error: str) -> Item:
    """A catcher caught an error with this name."""
    return Item("catches", state, f"{state} catch {number} on {error}", number, error)
