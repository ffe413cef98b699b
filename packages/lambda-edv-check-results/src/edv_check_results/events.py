"""The typed event. Flat and grouped results become one list in the order of the run."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple, TypeVar

import msgspec

from edv_check_results.errors import BadEvent

SHOWN = 80  # characters of a bad value in a message

WANTED = {
    "layer": "one of LANDING, FINAL, STG, EDV, DM, CAR_DM, DDL",
    "mode": "'layer' or 'item'",
    "status": "SUCCESS or FAILED",
    "results": "a list of results or of {groupResults: [...]}",
    "groupResults": "a list of results",
    "table_name": "a table's name",
    "groupIndex": "a whole number",
    "execution": "the execution's name",
    "planned": "how many tables the layer has, a whole number",
    "error": "an object with Error and Cause",
}

Layer = Literal["LANDING", "FINAL", "STG", "EDV", "DM", "CAR_DM", "DDL"]
UNKNOWN = "UNKNOWN"
T = TypeVar("T")


class TableError(msgspec.Struct, frozen=True):
    """The error as a Catch of Step Functions gives it; some errors (States.Timeout) have no Cause."""

    Error: str | None = None
    Cause: str | None = None


class Result(msgspec.Struct, frozen=True):
    """The result of one table."""

    table_name: str
    status: Literal["SUCCESS", "FAILED"]
    layer: Layer | None = None
    groupIndex: int | None = None  # noqa: N815 - spelled as in the state machine
    error: TableError | None = None


class _Event(msgspec.Struct, frozen=True):
    results: list[Any]
    layer: Layer | None = None
    mode: Literal["layer", "item"] = "layer"
    execution: str | None = None
    planned: int | None = None


class Request(NamedTuple):
    """The results of a layer (`mode` layer) or one failed table (`mode` item)."""

    layer: str
    mode: str
    results: tuple[Result, ...]
    execution: str | None
    planned: int | None = None


def parse(event: Mapping[str, Any]) -> Request:
    """Read the event; raises `BadEvent` that names the field, what it must be, and the value.

    Without a `layer` it is that of the first result that names one, else UNKNOWN.
    """
    typed = _convert(event, _Event, "event")
    results = tuple(_flatten(typed.results, "event['results']"))
    if typed.mode == "item" and [result.status for result in results] != ["FAILED"]:
        raise BadEvent(
            f"event['results'] must hold exactly one FAILED result in mode 'item', got {_statuses(results)}"
        )
    layers = (typed.layer, *(result.layer for result in results))
    layer = next((layer for layer in layers if layer), UNKNOWN)
    return Request(layer, typed.mode, results, typed.execution, typed.planned)


def _flatten(items: list[Any], where: str) -> Iterator[Result]:
    for index, item in enumerate(items):
        place = f"{where}[{index}]"
        if not isinstance(item, Mapping) or "groupResults" not in item:
            yield _convert(item, Result, place)
        elif isinstance(item["groupResults"], list):
            yield from _flatten(item["groupResults"], f"{place}['groupResults']")
        else:
            raise BadEvent(_wrong(f"{place}['groupResults']", item["groupResults"]))


def _convert(value: Any, kind: type[T], where: str) -> T:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise BadEvent(_explain(str(error), value, where)) from None


def _explain(problem: str, value: Any, where: str) -> str:
    missing = re.match(r"Object missing required field `(\w+)`", problem)
    if missing:
        return f"{where}['{missing[1]}'] is missing; give {WANTED[missing[1]]}"
    for name in re.findall(r"\.(\w+)", problem.partition(" - at `$")[2]):
        where, value = f"{where}['{name}']", value[name]
    return _wrong(where, value)


def _wrong(where: str, value: Any) -> str:
    field = re.search(r"\['(\w+)'\]$", where)
    wanted = WANTED.get(field[1], "a string") if field else "an object"
    shown = repr(value)
    return f"{where} must be {wanted}, got {shown if len(shown) <= SHOWN else shown[:SHOWN] + '...'}"


def _statuses(results: tuple[Result, ...]) -> str:
    return f"{len(results)}: {', '.join(result.status for result in results[:5])}" if results else "none"
