"""The source of a value in the state data: a task's answer, or a key of the execution's input."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stepfunctions_local_test.graph import Edge, Graph
from stepfunctions_local_test.history.reference_paths import PathError, parts
from stepfunctions_local_test.suggestions.lists import several
from stepfunctions_local_test.suggestions.routes import Route

Parts = list[str | int]
INPUT = ""
_PATH = re.compile(r"(?<!\$)\$((?:\.\w+)+)")
_ITEM, _INDEX, _GIVEN = "$$.Map.Item.Value", "$$.Map.Item.Index", "$$.Execution.Input"


@dataclass(frozen=True)
class Source:
    """The task whose answer holds the value (INPUT: the execution's input), its place there, and the value."""

    task: str
    place: tuple[str | int, ...]
    value: Any


class Unknown(Exception):  # noqa: N818 - an answer, not a fault
    """A value that no task's answer controls; the message says what does, and `state` sets it."""

    def __init__(self, message: str, state: str = "") -> None:
        super().__init__(message)
        self.state = state


def source(graph: Graph, routes: Sequence[Route], state: str, path: str, value: Any) -> Source:
    """The source that puts `value` at `path` in the input of `state`, a state of the last route.

    Raises Unknown.
    """
    try:
        wanted = parts(path)
    except PathError as error:
        raise Unknown(str(error)) from error
    *outer, route = routes
    states = route.states
    before = route.edges[: states.index(state)] if state in states else route.edges
    for edge in reversed(before):
        found = _caught(graph, edge, wanted) if edge.kind == "catch" else _made_by(graph, edge.source, wanted)
        if isinstance(found, Source):
            return Source(found.task, found.place, value)
        if found is not None:
            wanted = found
    return _from_outside(graph, outer, wanted, value)


def _caught(graph: Graph, edge: Edge, wanted: Parts) -> Source | Parts | None:
    """A catcher adds the error and keeps the other data. Raises Unknown for a value inside the error."""
    place = graph.states[edge.source].body["Catch"][edge.index].get("ResultPath", "$")
    if place is not None and wanted[: len(parts(place))] == parts(place):
        raise Unknown(f"it is the error that {edge.source} ends with")
    return None


def _made_by(graph: Graph, name: str, wanted: Parts) -> Source | Parts | None:
    """A task's answer, or the value's place before a Pass moved it; None when the state does not change the value."""
    body = graph.states[name].body
    kind = body["Type"]
    if kind not in ("Task", "Pass", "Map", "Parallel") or body.get("ResultPath", "$") is None:
        return None
    place = parts(body.get("ResultPath", "$"))
    if wanted[: len(place)] != place:
        return None
    rest = wanted[len(place) :]
    if kind == "Pass" and "Parameters" not in body and "Result" not in body:
        return rest
    template = body.get("Parameters", body.get("Result")) if kind == "Pass" else body.get("ResultSelector")
    if kind == "Task":
        return Source(name, tuple(rest if template is None else _selected(template, rest, name)), None)
    if kind == "Pass":
        return _selected(template, rest, name)
    raise Unknown(f"it is what the items of {name} give")


def _selected(template: Any, rest: Parts, name: str) -> Parts:
    """The value's place in the data that a template selects from."""
    for number, key in enumerate(rest):
        if isinstance(template, Mapping) and f"{key}.$" in template:
            return [*_first_path(template[f"{key}.$"], name), *rest[number + 1 :]]
        if not isinstance(template, Mapping) or key not in template:
            raise Unknown(f"{name} does not let it through", name)
        template = template[key]
    raise Unknown(f"{name} always makes it {template!r}", name)


def _first_path(text: str, name: str) -> Parts:
    """The path of a template's value; of an intrinsic, the first path that it reads."""
    if text == "$":
        return []
    try:
        return parts(text)
    except PathError:
        found = _PATH.search(text)
        if found is None:
            raise Unknown(f"{name} makes it of {text}") from None
        return parts(found.group(0))


def _from_outside(graph: Graph, outer: Sequence[Route], wanted: Parts, value: Any) -> Source:
    if not outer:
        return Source(INPUT, tuple(wanted), value)
    owner = outer[-1].inside or ""
    body = graph.states[owner].body
    selector = body.get("ItemSelector", body.get("Parameters"))
    items = body.get("ItemsPath", "$")
    if body["Type"] != "Map":
        return source(graph, outer, owner, _text(wanted), value)
    if selector is None:
        return source(graph, outer, owner, items, [_nested(wanted, value)])
    selected = selector.get(f"{wanted[0]}.$") if wanted else None
    if selected is None:
        raise Unknown(f"{owner} does not give it to its items")
    if selected.startswith(_ITEM):
        place = [*parts(f"${selected.removeprefix(_ITEM)}"), *wanted[1:]]
        return source(graph, outer, owner, items, [_nested(place, value)])
    if selected == _INDEX:
        return source(graph, outer, owner, items, several("item", value + 1 if isinstance(value, int) else 1))
    return source(graph, outer, owner, _text([*_first_path(selected, owner), *wanted[1:]]), value)


def _nested(place: Sequence[str | int], value: Any) -> Any:
    for part in reversed(place):
        value = [value] if isinstance(part, int) else {part: value}
    return value


def _text(place: Sequence[str | int]) -> str:
    return "$" + "".join(f"[{part}]" if isinstance(part, int) else f"['{part}']" for part in place)


def chain(route: Route) -> Iterator[list[Route]]:
    """Each level of a nested route with its enclosing routes, the outermost first."""
    around: list[Route] = []
    inner: Route | None = route
    while inner is not None:
        around = [*around, inner]
        yield around
        inner = inner.inner
