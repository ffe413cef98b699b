"""Generators for long values in scenario files: many tables, long texts, JSON inside a text.

{repeat: "TABLE_{n:03}", times: 300}   300 values, {n} counts from 1; inside a list they join the list
{repeat: "x", bytes: 90000}            one text of exactly so many bytes
{json: {JobRunState: STOPPED}}         the value as compact JSON text, as in a Cause
"""

import json
import re
from typing import Any

MOST_TIMES, MOST_BYTES = 10_000, 1_000_000
_NUMBER = re.compile(r"\{n(?::(0?\d+))?\}")


class BadGenerator(ValueError):  # noqa: N818 - the reader of the file adds the place
    """An invalid generator; the message says what is valid."""


def expanded(value: Any) -> Any:
    """`value` with every generator replaced by its result. Raises BadGenerator."""
    if isinstance(value, list):
        return [made for item in value for made in _items(item)]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"json"}:
        return json.dumps(expanded(value["json"]), separators=(",", ":"), ensure_ascii=False)
    if "repeat" in value:
        return _repeated(value)
    return {key: expanded(item) for key, item in value.items()}


def _items(item: Any) -> list[Any]:
    if isinstance(item, dict) and item.keys() == {"repeat", "times"}:
        return _many(item)
    return [expanded(item)]


def _repeated(value: dict[str, Any]) -> Any:
    if value.keys() == {"repeat", "times"}:
        return _many(value)
    if value.keys() == {"repeat", "bytes"}:
        return _long(value["repeat"], value["bytes"])
    raise BadGenerator(f"repeat goes with either times or bytes, got {', '.join(value)}")


def _many(value: dict[str, Any]) -> list[Any]:
    times = _checked(value["times"], "times", MOST_TIMES)
    return [expanded(_numbered(value["repeat"], number)) for number in range(1, times + 1)]


def _numbered(value: Any, number: int) -> Any:
    if isinstance(value, str):
        return _NUMBER.sub(lambda found: format(number, found.group(1) or ""), value)
    if isinstance(value, list):
        return [_numbered(item, number) for item in value]
    if isinstance(value, dict):
        return {_numbered(key, number): _numbered(item, number) for key, item in value.items()}
    return value


def _long(text: Any, size: Any) -> str:
    if not isinstance(text, str) or not text.isascii() or not text:
        raise BadGenerator(f"repeat with bytes takes an ASCII text, got {text!r}")
    wanted = _checked(size, "bytes", MOST_BYTES)
    return (text * (wanted // len(text) + 1))[:wanted]


def _checked(value: Any, name: str, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise BadGenerator(f"{name} is {value!r} (a whole number of 0 to {most})")
    return value
