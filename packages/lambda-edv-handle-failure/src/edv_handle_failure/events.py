"""The typed event. Its run key may be wrong, because a wrong run key can be the failure: see `Failure.problems`."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import msgspec

from edv_handle_failure.errors import BadEvent
from process_control.causes import reason

_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}([.]\d{1,6})?)?(Z|[+-]\d{2}:\d{2})", re.ASCII)
SHOWN = 80  # characters of a bad value in a message
UNKNOWN = "unknown"

WANTED = {
    "data_src_nm": "the data source's name",
    "run_type": "initial or incremental",
    "start_date": "YYYY-MM-DD",
}


class _Error(msgspec.Struct, frozen=True):
    """The error as a Catch of Step Functions gives it; some errors (States.Timeout) have no Cause."""

    Error: str | None = None
    Cause: str | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """A failure: the run key as it was given, the name of the error, and the message out of its Cause."""

    data_src_nm: str
    run_type: str
    start_date: str
    error: str
    reason: str
    execution: str | None = None
    problems: tuple[str, ...] = ()
    layer: str | None = None

    @property
    def run(self) -> str:
        """The run key as text."""
        return f"{self.data_src_nm} {self.run_type} {self.start_date}"

    @property
    def day(self) -> date | None:
        """The run's date; None when `start_date` is no date."""
        return _date(self.start_date)


def parse(event: Mapping[str, Any]) -> Failure:
    """Read the event; raises `BadEvent` when it has no error. Wrong keys of the run become `problems`."""
    if not isinstance(event, Mapping):
        raise BadEvent(f"event must be an object, got {_shown(event)}")
    error = _error(event)
    execution = event.get("execution")
    return Failure(
        data_src_nm=_text(event, "data_src_nm"),
        run_type=_text(event, "run_type"),
        start_date=_day_of(_text(event, "start_date")),
        error=error.Error or "Unknown",
        reason=reason(error.Cause),
        execution=execution if isinstance(execution, str) and execution else None,
        problems=tuple(_problems(event)),
        layer=_layer(event),
    )


def _error(event: Mapping[str, Any]) -> _Error:
    if "error" not in event:
        raise BadEvent("event['error'] is missing; give an object with Error and Cause")
    try:
        return msgspec.convert(event["error"], _Error)
    except msgspec.ValidationError as problem:
        field = re.search(r"at `\$\.(\w+)`", str(problem))
    if field is None:
        raise BadEvent(f"event['error'] must be an object with Error and Cause, got {_shown(event['error'])}")
    value = event["error"][field[1]]
    raise BadEvent(f"event['error']['{field[1]}'] must be a string, got {_shown(value)}")


def _layer(event: Mapping[str, Any]) -> str | None:
    return "LANDING" if event.get("layer") == "LANDING" else None


def _problems(event: Mapping[str, Any]) -> list[str]:
    good: dict[str, Callable[[Any], bool]] = {
        "data_src_nm": lambda value: isinstance(value, str) and value != "",
        "run_type": lambda value: value in ("initial", "incremental"),
        "start_date": lambda value: isinstance(value, str) and _date(_day_of(value)) is not None,
    }
    problems = []
    for key, is_good in good.items():
        if key not in event:
            problems.append(f"event['{key}'] is missing; give {WANTED[key]}")
        elif not is_good(event[key]):
            problems.append(f"event['{key}'] must be {WANTED[key]}, got {_shown(event[key])}")
    return problems


def _text(event: Mapping[str, Any], key: str) -> str:
    """The value in one short printable line."""
    value = event.get(key)
    shown = "" if value is None else "".join(char if char.isprintable() else " " for char in str(value))
    return " ".join(shown.split())[:SHOWN] or UNKNOWN


def _day_of(text: str) -> str:
    """The date in UTC of an instant, which is what a schedule sends; any other text unchanged."""
    if not _INSTANT.fullmatch(text):
        return text
    try:
        return datetime.fromisoformat(text).astimezone(UTC).date().isoformat()
    except (ValueError, OverflowError):
        return text


def _date(text: str) -> date | None:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):  # fromisoformat also takes 20260503
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _shown(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= SHOWN else shown[:SHOWN] + "..."
