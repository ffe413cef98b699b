"""Intrinsic functions over shapes: the shape of the result, and the paths they read."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from stepfunctions_local_test.checks.paths.view import View
from stepfunctions_local_test.checks.shapes import (
    ABSENT,
    ANY,
    NULL,
    Array,
    Field,
    Found,
    Object,
    Scalar,
    Shape,
    Unknown,
    joined,
    of_value,
    read,
)

_TOKEN = re.compile(
    r"""\s*(?:(?P<call>States\.\w+)\(|(?P<text>'(?:\\.|[^'\\])*')|(?P<path>\$(?:\[[^\]]*\]|[^,()\s\[])*)"""
    r"""|(?P<word>true|false|null|-?\d+(?:\.\d+)?))\s*"""
)


@dataclass(frozen=True, slots=True)
class Argument:
    """The text of an argument, and its shape."""

    text: str
    shape: Shape


@dataclass(frozen=True, slots=True)
class _Call:
    """The place of an intrinsic function, and the view that takes its findings."""

    place: str
    view: View

    def missing(self, argument: Argument, why: str) -> None:
        self.view.report(self.place, argument.text, Found(argument.shape, "missing", why))

    def unknown(self, argument: Argument, why: str) -> None:
        self.view.report(self.place, argument.text, Found(argument.shape, "unknown", why))


def evaluate(text: str, place: str, view: View) -> Shape:
    """The shape of `States.X(...)`; findings of its arguments go to the view."""
    shape, _ = _expression(text, 0, _Call(place, view))
    return shape


def _expression(text: str, position: int, call: _Call) -> tuple[Shape, int]:
    match = _TOKEN.match(text, position)
    if match is None:
        return Unknown(f"{text[position:]} is not understood"), len(text)
    if match["call"]:
        return _function(match["call"], text, match.end(), call)
    if match["path"]:
        return call.view.read(call.place, match["path"]), match.end()
    if match["text"]:
        return of_value(re.sub(r"\\(.)", r"\1", match["text"][1:-1])), match.end()
    return of_value(json.loads(match["word"])), match.end()


def _function(name: str, text: str, position: int, call: _Call) -> tuple[Shape, int]:
    arguments: list[Argument] = []
    while position < len(text) and text[position] != ")":
        start = position
        shape, position = _expression(text, position, call)
        arguments.append(Argument(text[start:position].strip(), shape))
        if text[position : position + 1] == ",":
            position += 1
    after = re.compile(r"\)\s*").match(text, position)
    return _FUNCTIONS.get(name, _scalar)(arguments, call), after.end() if after else position


def _scalar(_arguments: Sequence[Argument], _call: _Call) -> Shape:
    return Scalar()


def _string_to_json(arguments: Sequence[Argument], _call: _Call) -> Shape:
    shape = arguments[0].shape
    text = (shape.sample or shape.value) if isinstance(shape, Scalar) else None
    try:
        return of_value(json.loads(text)) if isinstance(text, str) else Unknown("it is read from a text")
    except ValueError:
        return Unknown("it is read from a text that is no JSON")


def _format(arguments: Sequence[Argument], _call: _Call) -> Shape:
    """The text, or one of the same form when the parts have no quotes that could change it."""
    known = [argument.shape for argument in arguments]
    if not all(isinstance(shape, Scalar) and (shape.plain or shape.value is not ANY) for shape in known):
        return Scalar()
    template, *parts = (_text(shape) for shape in known if isinstance(shape, Scalar))
    for part in parts:
        template = template.replace("{}", part, 1)
    return Scalar(sample=template, plain=not set("'\"\\") & set(template))


def _text(shape: Scalar) -> str:
    if shape.value is ANY:
        return shape.sample or "x"
    return shape.value if isinstance(shape.value, str) else json.dumps(shape.value)


def _json_merge(arguments: Sequence[Argument], call: _Call) -> Shape:
    """Keys of the second object win; both must be objects."""
    one, other = (_as_object(argument, call) for argument in arguments[:2])
    fields = dict(one.fields)
    for key, found in other.fields:
        below = fields.get(key)
        if found.shape == ABSENT and below is not None:
            continue
        if found.sure or below is None:
            fields[key] = found
        else:
            fields[key] = Field(joined([found.shape, below.shape]), below.sure)
    if other.others is not None and not other.others.missing:
        named = dict(other.fields)
        fields = {key: f if key in named else Field(other.others, f.sure) for key, f in fields.items()}
    return Object.of(fields, one.others or other.others)


def _as_object(argument: Argument, call: _Call) -> Object:
    match argument.shape:
        case Object(nullable=False) as shape:
            return shape
        case Object() as shape:
            call.missing(argument, "States.JsonMerge takes objects, and this may be null")
            return shape
        case Unknown(why=""):
            return Object(others=argument.shape)
        case Unknown(why=why):
            call.unknown(argument, f"States.JsonMerge takes objects, is this one? {why}")
            return Object(others=argument.shape)
    kind = "null" if argument.shape == NULL else "none"
    call.missing(argument, f"States.JsonMerge takes objects, and this is {kind}")
    return Object()


def _array(arguments: Sequence[Argument], _call: _Call) -> Shape:
    return Array(tuple(argument.shape for argument in arguments))


def _get_item(arguments: Sequence[Argument], call: _Call) -> Shape:
    index = arguments[1].shape
    if not isinstance(index, Scalar) or not isinstance(index.value, int):
        return Unknown("its index is only known when it runs")
    found = read(arguments[0].shape, (index.value,))
    if found.trouble:
        call.view.report(call.place, arguments[0].text, found)
    return found.shape


def _split(arguments: Sequence[Argument], _call: _Call) -> Shape:
    """Of a text that is not empty, such as a name or a time, something is left."""
    text = arguments[0].shape
    full = isinstance(text, Scalar) and (text.plain or bool(text.value is not ANY and text.value))
    return Array((Scalar(),) if full else (), Scalar())


def _some(arguments: Sequence[Argument], _call: _Call) -> Shape:
    shape = arguments[0].shape
    return Array(rest=shape.entry() if isinstance(shape, Array) else Unknown("its list is not known"))


def _parts(arguments: Sequence[Argument], call: _Call) -> Shape:
    return Array(rest=_some(arguments, call))


def _numbers(_arguments: Sequence[Argument], _call: _Call) -> Shape:
    return Array(rest=Scalar())


_FUNCTIONS: dict[str, Callable[[Sequence[Argument], _Call], Shape]] = {
    "States.StringToJson": _string_to_json,
    "States.Format": _format,
    "States.JsonMerge": _json_merge,
    "States.Array": _array,
    "States.ArrayGetItem": _get_item,
    "States.ArrayPartition": _parts,
    "States.ArrayRange": _numbers,
    "States.ArrayUnique": _some,
    "States.StringSplit": _split,
}
