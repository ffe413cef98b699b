"""The typed event, checked and completed with defaults."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

import msgspec

from edv_build_processing_plan.errors import BadEvent

RunType = Literal["initial", "incremental"]
MOST_BATCHES = 100  # as many results, with their errors, as the state data holds
RUN_TYPES: tuple[RunType, ...] = ("initial", "incremental")

_TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
# The value of <aws.scheduler.scheduled-time> in EventBridge Scheduler, also with another offset.
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}([.]\d{1,6})?)?(Z|[+-]\d{2}:\d{2})", re.ASCII)


class _Event(msgspec.Struct, frozen=True):
    """The event as it arrives; other keys, which an execution's input may have, are ignored."""

    data_src_nm: str
    env: str | None = None
    run_type: str | None = None
    start_date: str | None = None
    allow_empty: bool = False
    execution: str | None = None
    layer: Literal["EDV", "LANDING"] | None = None
    tables: list[str] | str | None = None
    batches: Annotated[int, msgspec.Meta(ge=1, le=MOST_BATCHES)] | None = None


_SHOWN = 80  # characters of a bad value in a message
_WANTED = {
    "data_src_nm": "the name of a data source, such as 'CARS'",
    "env": "the environment's token in lower case, such as 'dev'",
    "run_type": "'initial' or 'incremental', in any case",
    "start_date": "YYYY-MM-DD",
    "allow_empty": "true or false",
    "execution": "the execution's name",
    "layer": "'LANDING', or 'EDV', which it is when left out",
    "tables": "a list of table names, or one text of names joined by commas",
    "batches": f"a whole number from 1 to {MOST_BATCHES}",
}


@dataclass(frozen=True, slots=True)
class Request:
    """The run to plan: `data_src_nm` in upper case, `env` in lower case; `execution` is only logged.

    A landing has `tables`, or none for all of the target schema, and at most `batches` batches.
    """

    data_src_nm: str
    run_type: RunType
    start_date: date
    env: str
    allow_empty: bool
    execution: str | None = None
    layer: Literal["EDV", "LANDING"] = "EDV"
    tables: tuple[str, ...] = ()
    batches: int = 1


def parse(event: Mapping[str, Any], *, today: date, own_env: str = "") -> Request:
    """Read the event; defaults are incremental, `today` (UTC) and the function's own environment.

    Raises BadEvent that names the key and the value, also for a run of another environment.
    """
    raw = _typed(event)
    if not _TOKEN.fullmatch(raw.data_src_nm):
        raise _wrong("data_src_nm", event)
    return Request(
        data_src_nm=raw.data_src_nm.upper(),
        run_type=_run_type(event, raw.run_type),
        start_date=today if raw.start_date is None else _date(event, raw.start_date),
        env=_env(event, raw.env, own_env.lower()),
        allow_empty=raw.allow_empty,
        execution=raw.execution,
        layer=raw.layer or "EDV",
        tables=_tables(raw.tables),
        batches=raw.batches or 1,
    )


def _tables(given: list[str] | str | None) -> tuple[str, ...]:
    names = given.split(",") if isinstance(given, str) else given or []
    return tuple(name.strip() for name in names if name.strip())


def _run_type(event: Mapping[str, Any], text: str | None) -> RunType:
    if text is None:
        return "incremental"
    found = next((run_type for run_type in RUN_TYPES if run_type == text.lower()), None)
    if found is None:
        raise _wrong("run_type", event)
    return found


def _env(event: Mapping[str, Any], text: str | None, own: str) -> str:
    if text is None and not own:
        raise BadEvent(f"event['env'] is missing; give {_WANTED['env']}")
    if text is not None and not _TOKEN.fullmatch(text):
        raise _wrong("env", event)
    env = own if text is None else text.lower()
    if own and env != own:
        raise BadEvent(
            f"event['env'] is {text!r}, but this function belongs to {own!r}: it would read the sources of another "
            f"environment; start the run in that environment, or leave 'env' out"
        )
    return env


def _typed(event: Mapping[str, Any]) -> _Event:
    if not isinstance(event, Mapping):
        raise BadEvent(f"the event must be an object, got {type(event).__name__}")
    if event.get("data_src_nm") is None:
        raise BadEvent(f"event['data_src_nm'] is missing; give {_WANTED['data_src_nm']}")
    for key in _WANTED.keys() & event.keys():
        field = {key: event[key]}
        try:
            msgspec.convert({"data_src_nm": "x"} | field, _Event)
        except msgspec.ValidationError:
            raise _wrong(key, event) from None
    return msgspec.convert(dict(event), _Event)


def _date(event: Mapping[str, Any], text: str) -> date:
    """The date, or the date in UTC of an instant, so that a retry after midnight still plans the same day."""
    try:
        if _DATE.fullmatch(text):  # fromisoformat also takes '20250101' and '2025-W01-1'
            return date.fromisoformat(text)
        if _INSTANT.fullmatch(text):
            return datetime.fromisoformat(text).astimezone(UTC).date()
    except (ValueError, OverflowError):
        raise _wrong("start_date", event) from None
    raise _wrong("start_date", event)


def _wrong(key: str, event: Mapping[str, Any]) -> BadEvent:
    shown = repr(event[key])
    shown = shown if len(shown) <= _SHOWN else shown[:_SHOWN] + "..."
    return BadEvent(f"event['{key}'] must be {_WANTED[key]}, got {shown}")
