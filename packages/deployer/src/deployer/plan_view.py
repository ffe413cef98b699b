"""A plan for people and for programs; values of variables that look like secrets are not shown."""

import re
from collections.abc import Iterator
from typing import Any, assert_never

from rich.text import Text

from deployer.leaves import Field, flatten
from deployer.model import Document, Resource, StateMachine
from deployer.names import Names
from deployer.plan import Change, Create, Delete, Plan, Replace, Update

_SECRET = re.compile(r"(PASSWORD|PASSWD|TOKEN|PRIVATE|CREDENTIAL|API_?KEY)", re.IGNORECASE)
_HIDDEN = "(hidden)"
_LONGEST = 160


def as_json(plan: Plan, environment: str, names: Names) -> dict[str, Any]:
    """The plan as JSON: `changes` with action, kind, name and fields, `summary` and `notes`."""
    return {
        "environment": environment,
        "account": names.place.account,
        "region": names.place.region,
        "summary": summary(plan),
        "changes": [_change(change) for change in plan.changes],
        "notes": list(plan.notes),
    }


def summary(plan: Plan) -> dict[str, int]:
    """Number of changes of each kind."""
    counts = {"create": 0, "update": 0, "replace": 0, "delete": 0}
    for change in plan.changes:
        counts[_action(change)] += 1
    return counts


def _action(change: Change) -> str:
    match change:
        case Create():
            return "create"
        case Update():
            return "update"
        case Replace():
            return "replace"
        case Delete():
            return "delete"
        case _ as never:
            assert_never(never)


def _change(change: Change) -> dict[str, Any]:
    fields = [
        {"field": f.path, "old": shown(f.path, f.old), "new": shown(f.path, f.new)} for f in fields_of(change)
    ]
    return {"action": _action(change), "kind": change.key.kind, "name": change.key.name, "fields": fields}


def fields_of(change: Change) -> tuple[Field, ...]:
    """Field-level changes; a new resource shows all it will have, a deleted one nothing."""
    match change:
        case Create(want):
            leaves = flatten(want)
            return tuple(
                Field(path, None, value) for path, value in leaves.items() if value not in ((), "", None)
            )
        case Update() | Replace():
            return change.fields
        case Delete():
            return ()
        case _ as never:
            assert_never(never)


def lines(plan: Plan) -> list[Text]:
    """The plan as lines for a terminal; long definitions of new resources are left to --json."""
    found: list[Text] = []
    for change in plan.changes:
        found.append(_headline(change))
        found += _field_lines(change)
    found += [Text(f"note: {note}", style="cyan") for note in plan.notes]
    found.append(Text(closing(plan), style="bold"))
    return found


def closing(plan: Plan) -> str:
    """One sentence that sums a plan up."""
    if not plan.changes:
        return "nothing to do: what is deployed matches the configuration and the build"
    counts = summary(plan)
    return f"{counts['create']} to create, {counts['update']} to update, {counts['delete']} to delete"


def mark(change: Change) -> tuple[str, str]:
    """Sign and colour of a change."""
    match change:
        case Create():
            return "+", "green"
        case Update():
            return "~", "yellow"
        case Replace():
            return "±", "magenta"
        case Delete():
            return "-", "red"
        case _ as never:
            assert_never(never)


def _headline(change: Change) -> Text:
    sign, colour = mark(change)
    return Text(f"{sign} {change.key}", style=colour)


def _field_lines(change: Change) -> Iterator[Text]:
    match change:
        case Create():
            hidden = ("name", "definition", "tags", "policy", "trust")
            for field in fields_of(change):
                if field.path.partition(".")[0] not in hidden:
                    yield Text(f"    {field.path}: {_text(field.path, field.new)}")
        case Update(have, want) | Replace(have, want):
            states = _whole_states(have, want)
            yield from (Text(f"    {path}: {how}") for path, how in states.items())
            for field in change.fields:
                if ".".join(field.path.split(".", 3)[:3]) not in states:
                    yield field_line(field)
        case Delete():
            return
        case _ as never:
            assert_never(never)


def field_line(field: Field) -> Text:
    """One field, old -> new."""
    old, new = _text(field.path, field.old), _text(field.path, field.new)
    return Text(f"    {field.path}: {old} -> {new}")


def _whole_states(have: Resource, want: Resource) -> dict[str, str]:
    """States of a machine that are new or gone as a whole: one line each, --json shows their fields."""
    old, new = _states(have), _states(want)
    return {
        f"definition.States.{name}": "(absent) -> (new state)" if name in new else "(state) -> (absent)"
        for name in sorted(old ^ new)
    }


def _states(resource: Resource) -> set[str]:
    definition: Any = resource.definition.value() if isinstance(resource, StateMachine) else {}
    return set(definition.get("States", {}))


def _text(path: str, value: object) -> str:
    found = shown(path, value)
    if found is None:
        return "(absent)"
    text = (", ".join(map(str, found)) or "(none)") if isinstance(found, list) else str(found)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}... ({len(text)} characters)"


def shown(path: str, value: object) -> Any:
    """A field's value for eyes and programs; what looks like a secret is hidden."""
    if value is not None and path.startswith("environment.") and _SECRET.search(path):
        return _HIDDEN
    if isinstance(value, Document):
        return value.value()
    return list(value) if isinstance(value, tuple) else value
