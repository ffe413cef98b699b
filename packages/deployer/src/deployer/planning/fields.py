"""Differences field by field."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Field:
    """One changed field by dotted path; None is absent."""

    path: str
    old: object
    new: object


def changed(old: Mapping[str, object], new: Mapping[str, object]) -> tuple[Field, ...]:
    """Fields that differ, by path."""
    paths = sorted(path for path in old.keys() | new.keys() if old.get(path) != new.get(path))
    return tuple(Field(path, old.get(path), new.get(path)) for path in paths)
