"""Turns errors of pydantic into readable lines: path, value, what is expected."""

import difflib
import types
import typing
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from deployer.environment_file.schema import ConfigFile

_SHOWN = 60


def describe(error: ValidationError, raw: Any) -> list[str]:
    """One line per problem, in the order of the file's schema."""
    return [_line(detail, raw) for detail in error.errors(include_url=False)]


def _line(detail: ErrorDetails, raw: Any) -> str:
    location = detail["loc"]
    path = _dotted(location)
    if detail["type"] == "extra_forbidden":
        return f"{path} is not a known key ({_suggestion(location)})"
    expected = _expected(location, detail)
    if detail["type"] == "missing":
        return f"{path} is missing ({expected})"
    return f"{path or 'the file'} is {_shown(_value_at(raw, location))} ({expected})"


def _dotted(location: tuple[int | str, ...]) -> str:
    path = ""
    for part in location:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else part
    return path


def _value_at(raw: Any, location: tuple[int | str, ...]) -> Any:
    """The value at a path, or the short form that replaces the object around it."""
    for part in location:
        if isinstance(raw, str):
            break
        raw = raw[part]
    return raw


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def _expected(location: tuple[int | str, ...], detail: ErrorDetails) -> str:
    described = _description(location)
    if described:
        return described
    message = detail["msg"].removeprefix("Value error, ")
    return message if detail["type"] == "value_error" else _plain(detail)


def _plain(detail: ErrorDetails) -> str:
    known = {
        "model_type": "an object",
        "dict_type": "an object",
        "tuple_type": "a list",
        "missing": "required",
    }
    return known.get(detail["type"], detail["msg"].lower())


def _description(location: tuple[int | str, ...]) -> str | None:
    section: type[BaseModel] | None = ConfigFile
    described: str | None = None
    for part in location:
        if isinstance(part, int) or section is None:
            continue
        field = next((f for n, f in section.model_fields.items() if (f.alias or n) == part), None)
        if field is None:
            return None
        described = field.description
        section = _section_of(field.annotation)
    return described


def _section_of(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if isinstance(annotation, types.UnionType) or typing.get_origin(annotation) in {tuple, typing.Union}:
        return next((found for arg in typing.get_args(annotation) if (found := _section_of(arg))), None)
    return None


def _keys_at(location: Iterable[int | str]) -> list[str]:
    section: type[BaseModel] | None = ConfigFile
    for part in location:
        if isinstance(part, int) or section is None:
            continue
        field = next((f for n, f in section.model_fields.items() if (f.alias or n) == part), None)
        section = _section_of(field.annotation) if field else None
    return [f.alias or n for n, f in section.model_fields.items()] if section else []


def _suggestion(location: tuple[int | str, ...]) -> str:
    known = _keys_at(location[:-1])
    close = difflib.get_close_matches(str(location[-1]), known, n=1)
    return f"did you mean {close[0]}" if close else f"known here: {', '.join(known)}"
