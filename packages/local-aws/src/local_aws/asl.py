"""A definition in the Amazon States Language as nested levels: the machine, and what its maps and parallel states hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

# The names of the maps and branches around a level: (), ("Groups", "Tables"), ("Both[0]",).
Level = tuple[str, ...]


def levels(machine: Mapping[str, Any], level: Level = ()) -> Iterator[tuple[Level, Mapping[str, Any]]]:
    """The machine and the machines inside its maps and parallel states, each with the names around it."""
    yield level, machine
    for name, state in machine["States"].items():
        for inner_name, inner in _inner(name, state):
            yield from levels(inner, (*level, inner_name))


def _inner(name: str, state: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    processor = state.get("ItemProcessor") or state.get("Iterator")
    if processor:
        yield name, processor
    for number, branch in enumerate(state.get("Branches", ())):
        yield f"{name}[{number}]", branch
