"""Collects the problems of a file, each with key, value and valid values."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

SHOWN = 60


@dataclass
class Problems:
    """Problems of one file."""

    file: str
    found: list[str] = field(default_factory=list)

    def add(self, key: str, value: Any, wanted: str) -> None:
        """`key` is `value`, but should be `wanted`."""
        self.found.append(f"{self.file}: {key} is {_short(value)} ({wanted})")

    def say(self, text: str) -> None:
        """Add a problem that is not about one value."""
        self.found.append(f"{self.file}: {text}")

    def unknown_keys(self, where: str, given: Mapping[str, Any], known: Iterable[str]) -> None:
        """Refuse unknown keys."""
        names = list(known)
        for key in given:
            if key not in names:
                self.say(
                    f"{where}{key} is no key here{_meant(str(key), names)}; known are {', '.join(names)}"
                )

    def unknown_name(self, key: str, name: str, what: str, known: Iterable[str]) -> None:
        """Refuse an unknown name."""
        names = list(known)
        self.say(f"{key} names {name!r}, but no {what} is called that{_meant(name, names)}")

    def mapping(self, key: str, value: Any) -> dict[str, Any]:
        """`value` if it is a mapping with text keys, else a problem and an empty mapping."""
        if value is None:
            return {}
        if isinstance(value, dict) and all(isinstance(name, str) for name in value):
            return value
        self.add(key, value, "keys with values")
        return {}


def _meant(name: str, names: list[str]) -> str:
    close = difflib.get_close_matches(name, names, 1)
    return f", is {close[0]} meant" if close else ""


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."
