"""Shapes of state data: keys that are certain, keys that may be missing, and unknown parts.

Shapes are values: reading, putting and joining return new ones. A shape claims only what is certain.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, TypeAlias

Steps = Sequence[str | int]
Trouble = Literal["", "missing", "unknown"]

# A scalar whose value is not known.
ANY: Final = object()


@dataclass(frozen=True, slots=True)
class Unknown:
    """An unknown value; `why` says why. For the other keys of an object: `missing` if no contract promises them."""

    why: str
    missing: bool = False


@dataclass(frozen=True, slots=True)
class Scalar:
    """Text, number, flag or null, with its value if known.

    `sample` is a text of the same form where parts of the value are not known; `plain` text has no quote or backslash.
    """

    value: Any = ANY
    plain: bool = False
    sample: str | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """A key's value, and whether the key is certain."""

    shape: Shape
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Object:
    """An object; `others` is the shape of the other keys (None: there are none)."""

    fields: tuple[tuple[str, Field], ...] = ()
    others: Unknown | None = None
    nullable: bool = False

    @classmethod
    def of(cls, fields: Mapping[str, Field], others: Unknown | None = None, nullable: bool = False) -> Object:
        return cls(tuple(sorted(fields.items(), key=lambda item: item[0])), others, nullable)

    def get(self, key: str) -> Field | None:
        """The field of a key, or that of the other keys."""
        known = dict(self.fields).get(key)
        if known is None and self.others is not None:
            return Field(self.others, sure=False)
        return known

    def having(self, key: str, found: Field) -> Object:
        return Object.of({**dict(self.fields), key: found}, self.others)

    def lacking(self, key: str) -> Object:
        return self.having(key, Field(ABSENT, sure=False))


@dataclass(frozen=True, slots=True)
class Array:
    """A list that certainly starts with `items`; `rest` is the shape of further entries (None: there are none)."""

    items: tuple[Shape, ...] = ()
    rest: Shape | None = None
    nullable: bool = False

    def entry(self) -> Shape:
        """The shape of any entry."""
        every = [*self.items, *([self.rest] if self.rest is not None else [])]
        return joined(every) if every else Unknown("a list that is always empty")


Shape: TypeAlias = Unknown | Scalar | Object | Array
NULL: Final = Scalar(None)
# Replaces a value whose absence was reported, so that it is not reported again.
REPORTED: Final = Unknown("")
# The value of a key that is certainly missing.
ABSENT: Final = Unknown("an earlier IsPresent found nothing there", missing=True)


@dataclass(frozen=True, slots=True)
class Found:
    """The shape at a path; `why` explains the trouble."""

    shape: Shape
    trouble: Trouble = ""
    why: str = field(default="", compare=False)


def of_value(value: Any) -> Shape:
    """The shape of a JSON value."""
    if isinstance(value, Mapping):
        return Object.of({str(key): Field(of_value(inner)) for key, inner in value.items()})
    if isinstance(value, list):
        return Array(tuple(of_value(inner) for inner in value))
    return Scalar(value, plain=isinstance(value, str) and not set("'\"\\") & set(value))


def read(shape: Shape, steps: Steps) -> Found:
    """The shape at the end of `steps`, with the first trouble on the path."""
    trouble = Found(shape)
    for step in steps:
        found = _entry(shape, step)
        shape = found.shape
        if found.trouble and not trouble.trouble:
            trouble = found
    return Found(shape, trouble.trouble, trouble.why)


def _entry(shape: Shape, step: str | int) -> Found:
    match shape, step:
        case Unknown(why=why), _:
            return Found(shape, "unknown" if why else "", why)
        case Object(nullable=True), str():
            found = _entry(replace(shape, nullable=False), step)
            return Found(found.shape, "missing", f"what should hold '{step}' may be null")
        case Object(), str():
            return _of_field(shape, step)
        case Array(), int():
            if step < len(shape.items) and not shape.nullable:
                return Found(shape.items[step])
            return Found(shape.rest or REPORTED, "missing", f"the list may have no entry {step}")
    kind = (
        "null" if shape == NULL else {Scalar: "no object", Array: "a list", Object: "an object"}[type(shape)]
    )
    wanted = f"'{step}'" if isinstance(step, str) else f"entry {step}"
    return Found(REPORTED, "missing", f"what should hold {wanted} is {kind}")


def _of_field(shape: Object, key: str) -> Found:
    found = shape.get(key)
    if found is None:
        return Found(REPORTED, "missing", f"nothing puts '{key}' there")
    if found.sure:
        return Found(found.shape)
    if found.shape == REPORTED:
        return Found(found.shape)
    if isinstance(found.shape, Unknown) and found.shape in (shape.others, ABSENT):
        return Found(found.shape, "missing" if found.shape.missing else "unknown", found.shape.why)
    return Found(found.shape, "missing", f"'{key}' may be left out")


def put(shape: Shape, steps: Steps, value: Shape) -> Shape:
    """`shape` with `value` at the end of `steps`; creates missing objects (a ResultPath)."""
    if not steps:
        return value
    step, rest = steps[0], steps[1:]
    if isinstance(step, int):
        return Unknown("an entry of a list was replaced")
    match shape:
        case Object():
            known = shape.get(step)
        case Unknown():
            shape, known = Object(others=shape), None
        case _:
            shape, known = Object(), None
    inner = known.shape if known and known.shape != ABSENT else Object()
    inner = inner if known is None or known.sure else joined([inner, Object()])
    return shape.having(step, Field(put(inner, rest, value)))


def refined(shape: Shape, steps: Steps, present: bool) -> Shape | None:
    """`shape` with the knowledge that a value at `steps` is present or not; None if that is impossible."""
    if not steps:
        return shape if present else None
    return _with(shape, steps) if present else _without(shape, steps)


def _with(shape: Shape, steps: Steps) -> Shape | None:
    step, rest = steps[0], steps[1:]
    match shape, step:
        case Unknown(), str():
            inner = refined(Unknown(shape.why), rest, True)
            return None if inner is None else Object.of({step: Field(inner)}, shape)
        case Object(), str():
            known = shape.get(step)
            held = refined(known.shape, rest, True) if known and known.shape != ABSENT else None
            return None if held is None else shape.having(step, Field(held))
        case Array(), int():
            return _with_entry(shape, step, rest)
        case Unknown(), int():
            return shape
    return None


def _with_entry(shape: Array, index: int, rest: Steps) -> Array | None:
    filler = shape.rest
    items = list(shape.items)
    while len(items) <= index and filler is not None:
        items.append(filler)
    held = refined(items[index], rest, True) if index < len(items) else None
    if held is None:
        return None
    items[index] = held
    return Array(tuple(items), shape.rest)


def _without(shape: Shape, steps: Steps) -> Shape | None:
    step, rest = steps[0], steps[1:]
    match shape, step:
        case Object(), str():
            return _object_without(shape, step, rest)
        case Array(), int():
            inside = step < len(shape.items) and not shape.nullable
            return None if inside and not rest else shape
    return shape


def _object_without(shape: Object, step: str, rest: Steps) -> Shape | None:
    known = dict(shape.fields).get(step)
    if known is None or known.shape == ABSENT:
        return shape
    inner = refined(known.shape, rest, False)
    if known.sure and inner is None:
        return NULL if shape.nullable else None
    if known.sure and inner is not None:
        return shape if shape.nullable else shape.having(step, Field(inner))
    return shape.lacking(step) if inner is None else shape


def joined(shapes: Iterable[Shape]) -> Shape:
    """The common part of all shapes."""
    first, *others = shapes
    for other in others:
        first = _join(first, other)
    return first


def _join(one: Shape, other: Shape) -> Shape:
    if one == other:
        return one
    match one, other:
        case (Unknown(), _):
            return one
        case (_, Unknown()):
            return other
        case (Scalar(), Scalar()):
            return Scalar(plain=one.plain and other.plain)
        case (Object() | Array(), Scalar(value=None)):
            return replace(one, nullable=True)
        case (Scalar(value=None), Object() | Array()):
            return replace(other, nullable=True)
        case (Object(), Object()):
            return _join_objects(one, other)
        case (Array(), Array()):
            return _join_arrays(one, other)
    return Unknown("it has not always the same type")


def _join_objects(one: Object, other: Object) -> Object:
    fields = {}
    for key in sorted(dict(one.fields).keys() | dict(other.fields).keys()):
        here, there = one.get(key), other.get(key)
        both = [found for found in (here, there) if found is not None and found.shape != ABSENT]
        held = joined(found.shape for found in both) if both else ABSENT
        fields[key] = Field(held, sure=len(both) == 2 and all(found.sure for found in both))
    return Object.of(fields, one.others or other.others, one.nullable or other.nullable)


def _join_arrays(one: Array, other: Array) -> Array:
    shared = min(len(one.items), len(other.items))
    items = tuple(joined(pair) for pair in zip(one.items[:shared], other.items[:shared], strict=True))
    rests = [
        *one.items[shared:],
        *other.items[shared:],
        *(r for r in (one.rest, other.rest) if r is not None),
    ]
    return Array(items, joined(rests) if rests else None, one.nullable or other.nullable)


def cut(shape: Shape, levels: int) -> Shape:
    """`shape` with deeper levels replaced by unknown values."""
    if levels == 0 and isinstance(shape, Object | Array):
        return Unknown("it is nested too deep to be followed")
    match shape:
        case Object():
            fields = {key: Field(cut(found.shape, levels - 1), found.sure) for key, found in shape.fields}
            return Object.of(fields, shape.others, shape.nullable)
        case Array():
            items = tuple(cut(item, levels - 1) for item in shape.items)
            return Array(items, None if shape.rest is None else cut(shape.rest, levels - 1), shape.nullable)
    return shape
