"""Is it valid Amazon States Language (JSONPath)? `asl.schema.json` defines each state type.

Messages name the state and the field; `says` in the schema replaces messages that are hard to read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from stepfunctions_local_test.checks.finding import SCHEMA, Finding

_SHOWN = 80  # characters of a value that go into a message
# Fields of JSONata and variables: Step Functions supports them, Step Functions Local does not.
_NOT_LOCAL = frozenset({"QueryLanguage", "Assign", "Arguments", "Output", "Items", "Condition"})
_TYPES = {
    "object": "an object",
    "array": "a list",
    "string": "a string",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "null": "null",
}


def problems(machine: str, definition: Any) -> Iterator[Finding]:
    """Violations of the schema, in the order of the definition."""
    errors = _validator().iter_errors(definition)
    seen: set[tuple[str, str]] = set()
    for error in sorted(errors, key=lambda error: [str(step) for step in error.absolute_path]):
        state, field = place(list(error.absolute_path))
        for message in _messages(error):
            text = f"{field} {message}" if field else message
            if (state, text) not in seen:
                seen.add((state, text))
                yield Finding(SCHEMA, machine, state, text)


@cache
def _validator() -> Draft202012Validator:
    text = files("stepfunctions_local_test.checks").joinpath("asl.schema.json").read_text("utf-8")
    return Draft202012Validator(json.loads(text))


def place(path: Sequence[str | int]) -> tuple[str, str]:
    """The innermost state around a value, and the field in it: ("Load", "Retry[0].MaxAttempts")."""
    state, rest = "", list(path)
    while len(rest) >= 2 and rest[0] == "States":
        state, rest = str(rest[1]), rest[2:]
        inner = _inner(rest)
        if inner and len(rest) > inner + 1 and rest[inner] == "States":
            rest = rest[inner:]
    return state, _dotted(rest)


def _inner(rest: Sequence[str | int]) -> int:
    """The number of steps from a state to the machine inside it."""
    if rest[:1] in (["ItemProcessor"], ["Iterator"]):
        return 1
    return 2 if rest[:1] == ["Branches"] else 0


def _dotted(path: Sequence[str | int]) -> str:
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")


def _messages(error: ValidationError) -> Iterator[str]:
    schema: Any = error.schema
    value: Any = error.instance
    says = schema.get("says") if isinstance(schema, Mapping) else None
    if says is not None:
        yield f"{says}, got {_shown(value)}"
    elif error.validator == "additionalProperties":
        yield from (_unknown_field(field) for field in sorted(value.keys() - schema["properties"].keys()))
    elif error.validator == "required":
        wanted: Any = error.validator_value
        yield from (f"needs {field}" for field in wanted if field not in value)
    else:
        yield _plain(str(error.validator), error.validator_value, value)


def _unknown_field(field: str) -> str:
    if field in _NOT_LOCAL:
        return (
            f"has the field {field}, which is JSONata's or for variables: Step Functions Local has neither, "
            "write it with JSONPath"
        )
    return f"has the unknown field {field}; take it out or correct its name"


def _plain(keyword: str, wanted: Any, value: Any) -> str:
    match keyword:
        case "type":
            kinds = [wanted] if isinstance(wanted, str) else wanted
            return f"must be {' or '.join(_TYPES[kind] for kind in kinds)}, got {_shown(value)}"
        case "enum":
            return f"must be one of {', '.join(map(str, wanted))}, got {_shown(value)}"
        case "const":
            return f"must be {json.dumps(wanted)}, got {_shown(value)}"
        case "minimum" | "minItems" | "minLength" | "minProperties":
            return f"must be at least {_counted(keyword, wanted)}, got {_shown(value)}"
        case "maximum" | "maxItems" | "maxLength":
            return f"must be at most {_counted(keyword, wanted)}, got {_shown(value)}"
        case "exclusiveMaximum":
            return f"must be less than {wanted}, got {_shown(value)}"
        case "uniqueItems":
            return f"must name nothing twice, got {_shown(value)}"
    return f"is not as '{keyword}' of asl.schema.json wants it, got {_shown(value)}"


def _counted(keyword: str, wanted: Any) -> str:
    unit = {"Items": "entries", "Length": "characters", "Properties": "entries"}.get(keyword[3:], "")
    return f"{wanted} {unit}".strip()


def _shown(value: Any) -> str:
    text = json.dumps(value, default=str)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "..."
