"""Paths that the templates of a state read; the state fails when one is missing."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

_INSIDE = re.compile(r"(?<!\$)\$(?:\.\w+)+")
PRESENT = "present"


def reads(template: Any) -> Iterator[tuple[str, Any]]:
    """All paths that a template reads, each with a valid value."""
    if isinstance(template, Mapping):
        for key, value in template.items():
            if key.endswith(".$") and isinstance(value, str):
                yield from _of_value(value)
            else:
                yield from reads(value)
    elif isinstance(template, list):
        for value in template:
            yield from reads(value)


def _of_value(text: str) -> Iterator[tuple[str, Any]]:
    if text.startswith("States."):
        example: Any = {} if text.startswith("States.JsonMerge") else PRESENT
        for path in _INSIDE.findall(text):
            yield path, example
    elif text.startswith(("$.", "$[")):
        yield text, PRESENT
