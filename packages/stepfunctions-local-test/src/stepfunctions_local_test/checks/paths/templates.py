"""Payload templates over shapes: constants stay, `key.$` gets the shape of its path or intrinsic function."""

from __future__ import annotations

from typing import Any

from stepfunctions_local_test.checks.paths import intrinsics
from stepfunctions_local_test.checks.paths.view import View
from stepfunctions_local_test.checks.shapes import Array, Field, Object, Shape, of_value


def evaluate(template: Any, place: str, view: View) -> Shape:
    """The shape of a Parameters, ItemSelector or ResultSelector."""
    if isinstance(template, dict):
        fields = {}
        for key, value in template.items():
            where = f"{place}.{key}"
            dynamic = key.endswith(".$")
            shape = expression(value, where, view) if dynamic else evaluate(value, where, view)
            fields[key.removesuffix(".$") if dynamic else key] = Field(shape)
        return Object.of(fields)
    if isinstance(template, list):
        return Array(
            tuple(evaluate(entry, f"{place}[{number}]", view) for number, entry in enumerate(template))
        )
    return of_value(template)


def expression(text: str, place: str, view: View) -> Shape:
    """A path or an intrinsic."""
    if text.startswith("$"):
        return view.read(place, text)
    return intrinsics.evaluate(text, place, view)
