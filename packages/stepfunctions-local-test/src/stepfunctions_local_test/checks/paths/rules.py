"""Choice rules over shapes: what is known when a rule is true, and when it is false.

A comparison with a missing path fails the execution; only IsPresent accepts one. And and Or stop at the first part
that decides, so a guard before a use in the same And protects it.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from stepfunctions_local_test.checks.paths import jsonpath
from stepfunctions_local_test.checks.paths.view import View
from stepfunctions_local_test.checks.shapes import ANY, Array, Object, Scalar, Shape, put, read, refined

_NOT_OPERATORS = ("Variable", "Next", "Comment")
_COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "Equals": operator.eq,
    "LessThan": operator.lt,
    "GreaterThan": operator.gt,
    "LessThanEquals": operator.le,
    "GreaterThanEquals": operator.ge,
}
_KINDS: dict[str, tuple[type, ...]] = {"String": (str,), "Numeric": (int, float), "Boolean": (bool,)}


@dataclass(frozen=True, slots=True)
class Split:
    """The worlds in which a rule is true, and those in which it is false."""

    holds: tuple[Shape, ...]
    fails: tuple[Shape, ...]


def split(rule: Mapping[str, Any], place: str, view: View) -> Split:
    """Both outcomes of a rule in the view's world."""
    if "And" in rule:
        return _all(rule["And"], f"{place}.And", view)
    if "Or" in rule:
        turned = _all([{"Not": part} for part in rule["Or"]], f"{place}.Or", view)
        return Split(turned.fails, turned.holds)
    if "Not" in rule:
        turned = split(rule["Not"], place, view)
        return Split(turned.fails, turned.holds)
    return _comparison(rule, place, view)


def _all(parts: Iterable[Mapping[str, Any]], place: str, view: View) -> Split:
    holding: list[Shape] = [view.world]
    failing: list[Shape] = []
    for number, part in enumerate(parts):
        outcomes = [split(part, f"{place}[{number}]", _in(view, world)) for world in holding]
        failing += [world for outcome in outcomes for world in outcome.fails]
        holding = [world for outcome in outcomes for world in outcome.holds]
    return Split(_distinct(holding), _distinct(failing))


def _comparison(rule: Mapping[str, Any], place: str, view: View) -> Split:
    name, operand = next((key, value) for key, value in rule.items() if key not in _NOT_OPERATORS)
    path = jsonpath.parse(rule["Variable"])
    if name == "IsPresent":
        present, absent = (_some(refined(view.world, path.steps, wanted)) for wanted in (True, False))
        return Split(present, absent) if operand else Split(absent, present)
    found = view.read(f"{place}.Variable", path.text)
    if name.endswith("Path"):
        view.read(f"{place}.{name}", operand)
    return _decided(view.world, path.steps, found, name, operand)


def _decided(world: Shape, steps: tuple[str | int, ...], found: Shape, name: str, operand: Any) -> Split:
    if name == "IsNull":
        null, other = _some(_null(world, steps, found)), _some(_not_null(world, steps, found))
        return Split(null, other) if operand else Split(other, null)
    verdict = _verdict(found, name, operand)
    if verdict is not None:
        return Split((world,), ()) if verdict else Split((), (world,))
    if name in ("StringEquals", "NumericEquals", "BooleanEquals"):
        plain = isinstance(operand, str) and not set("'\"\\") & set(operand)
        return Split((put(world, steps, Scalar(operand, plain)),) if _simple(steps) else (world,), (world,))
    return Split((world,), (world,))


def _simple(steps: tuple[str | int, ...]) -> bool:
    return all(isinstance(step, str) for step in steps)


def _null(world: Shape, steps: tuple[str | int, ...], found: Shape) -> Shape | None:
    if isinstance(found, Object | Array):
        return put(world, steps, Scalar(None)) if found.nullable and _simple(steps) else None
    return None if isinstance(found, Scalar) and found.value not in (ANY, None) else world


def _not_null(world: Shape, steps: tuple[str | int, ...], found: Shape) -> Shape | None:
    match found:
        case Scalar(value=None):
            return None
        case Object(nullable=True) if _simple(steps):
            return put(world, steps, Object(found.fields, found.others))
        case Array(nullable=True) if _simple(steps):
            return put(world, steps, Array(found.items, found.rest))
    return world


def _verdict(found: Shape, name: str, operand: Any) -> bool | None:
    """The result of a comparison with a constant, if the value is known."""
    if not isinstance(found, Scalar) or found.value is ANY:
        return None
    for kind, types in _KINDS.items():
        if name.startswith(kind) and name.removeprefix(kind) in _COMPARED:
            typed = isinstance(found.value, types) and (kind == "Boolean") == isinstance(found.value, bool)
            return typed and _COMPARED[name.removeprefix(kind)](found.value, operand)
    return None


def _in(view: View, world: Shape) -> View:
    return View(read(world, ("$",)).shape, read(world, ("$$",)).shape, view.report)


def _some(world: Shape | None) -> tuple[Shape, ...]:
    return () if world is None else (world,)


def _distinct(worlds: Iterable[Shape]) -> tuple[Shape, ...]:
    return tuple(dict.fromkeys(worlds))


def branches(choices: Iterable[Mapping[str, Any]], view: View) -> Iterator[tuple[int | None, Shape]]:
    """The worlds for each rule (by number), and those for the default (None)."""
    left: tuple[Shape, ...] = (view.world,)
    for number, rule in enumerate(choices):
        outcomes = [split(rule, f"Choices[{number}]", _in(view, world)) for world in left]
        for world in _distinct(world for outcome in outcomes for world in outcome.holds):
            yield number, world
        left = _distinct(world for outcome in outcomes for world in outcome.fails)
    for world in left:
        yield None, world
