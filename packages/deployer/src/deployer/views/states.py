"""The difference of two state machine definitions, state by state; pure."""

from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from deployer.model.resources import Resource, StateMachine
from deployer.planning.fields import Field

_STATES = "definition.States."


class How(Enum):
    """What happens to a state."""

    NEW = "new state"
    GONE = "state is gone"
    CHANGED = "changed state"


@dataclass(frozen=True)
class StateChange:
    """One state of the machine; `fields` are those inside it, for a state that stays."""

    name: str
    how: How
    fields: tuple[Field, ...] = ()


def by_state(
    have: Resource | None, want: Resource | None, fields: tuple[Field, ...]
) -> tuple[tuple[StateChange, ...], tuple[Field, ...]]:
    """Fields inside states, grouped by state, and the other fields."""
    if not isinstance(have, StateMachine) or not isinstance(want, StateMachine):
        return (), fields
    old, new = _names(have), _names(want)
    inside: dict[str, list[Field]] = {name: [] for name in (*new, *old)}
    rest: list[Field] = []
    for field in fields:
        name = _state_of(field.path, inside)
        if name is None:
            rest.append(field)
        else:
            inside[name].append(replace(field, path=field.path.removeprefix(f"{_STATES}{name}.")))
    return tuple(_change(name, old, new, tuple(found)) for name, found in inside.items() if found), tuple(
        rest
    )


def _change(name: str, old: list[str], new: list[str], fields: tuple[Field, ...]) -> StateChange:
    if name not in old:
        return StateChange(name, How.NEW)
    return StateChange(name, How.CHANGED, fields) if name in new else StateChange(name, How.GONE)


def _state_of(path: str, names: dict[str, list[Field]]) -> str | None:
    """The state that a path leads into; names may contain dots, so the longest match counts."""
    fitting = [name for name in names if path.startswith(f"{_STATES}{name}.")]
    return max(fitting, key=len, default=None)


def _names(machine: StateMachine) -> list[str]:
    definition: Any = machine.definition.value()
    return list(definition.get("States", {}))
