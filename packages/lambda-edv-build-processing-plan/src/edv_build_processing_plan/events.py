"""The typed event, checked and completed with defaults."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Literal

import msgspec

from edv_build_processing_plan.errors import BadEvent

RunType = Literal["initial", "incremental"]

_TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
# The value of <aws.scheduler.scheduled-time> in EventBridge Scheduler, also with another offset.
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}([.]\d{1,6})?)?(Z|[+-]\d{2}:\d{2})", re.ASCII)


class _Event(msgspec.Struct, frozen=True):
    """The event as it arrives; other keys, which an execution's input may have, are ignored."""

    data_src_nm: str
    env: str
    run_type: RunType | None = None
    start_date: str | None = None
    allow_empty: bool = False
    execution: str | None = None


_SHOWN = 80  # characters of a bad value in a message
_WANTED = {
    "data_src_nm": "the name of a data source, such as 'CARS'",
    "env": "the environment's token in lower case, such as 'dev'",
    "run_type": "'initial' or 'incremental'",
    "start_date": "YYYY-MM-DD",
    "allow_empty": "true or false",
    "execution": "the execution's name",
}


@dataclass(frozen=True, slots=True)
class Request:
    """The run to plan: `data_src_nm` in upper case, `env` in lower case; `execution` is only logged."""

    data_src_nm: str
    run_type: RunType
    start_date: date
    env: str
    allow_empty: bool
    execution: str | None = None


def parse(event: Mapping[str, Any], *, today: date) -> Request:
    """Read the event; defaults are incremental and `today` (UTC). Raises BadEvent that names the key and the value."""
    raw = _typed(event)
    for key in ("data_src_nm", "env"):
        if not _TOKEN.fullmatch(getattr(raw, key)):
            raise _wrong(key, event)
    return Request(
        data_src_nm=raw.data_src_nm.upper(),
        run_type=raw.run_type or "incremental",
        start_date=today if raw.start_date is None else _date(event, raw.start_date),
        env=raw.env.lower(),
        allow_empty=raw.allow_empty,
        execution=raw.execution,
    )


def _typed(event: Mapping[str, Any]) -> _Event:
    if not isinstance(event, Mapping):
        raise BadEvent(f"the event must be an object, got {type(event).__name__}")
    for key in ("data_src_nm", "env"):
        if event.get(key) is None:
            raise BadEvent(f"event['{key}'] is missing; give {_WANTED[key]}")
    for key in _WANTED.keys() & event.keys():
        field = {key: event[key]}
        try:
            msgspec.convert({"data_src_nm": "x", "env": "x"} | field, _Event)
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
