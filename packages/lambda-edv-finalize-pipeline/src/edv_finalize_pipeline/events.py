"""The typed event: a run, the counts of its plan, and the checks of its two layers."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

import msgspec

from edv_finalize_pipeline.errors import BadEvent

SHOWN = 80  # characters of a bad value in a message

Layer = Literal["LANDING", "FINAL", "STG", "EDV", "DM", "CAR_DM", "DDL"]
Count = Annotated[int, msgspec.Meta(ge=0)]

_COUNT = "a whole number from 0"
_CHECK = "the answer of check-results, or null when the layer never ran"
_NAMES = "a list of table names"
WANTED = {
    "data_src_nm": "the data source's name",
    "run_type": "initial or incremental",
    "start_date": "YYYY-MM-DD",
    "layer": "one of LANDING, FINAL, STG, EDV, DM, CAR_DM, DDL",
    "counts": "an object with stg, dv and dvGroups",
    "stg": _COUNT,
    "dv": _COUNT,
    "dvGroups": _COUNT,
    "stageCheck": _CHECK,
    "edvCheck": _CHECK,
    "successCount": _COUNT,
    "failedCount": _COUNT,
    "failedTables": _NAMES,
    "skippedTables": _NAMES,
    "rootError": "an object with table_name, Error and Cause, or null",
}


class RootError(msgspec.Struct, frozen=True):
    """The first failure of a layer."""

    table_name: str
    Error: str | None = None
    Cause: str | None = None

    @property
    def is_skip(self) -> bool:
        """Whether the table was skipped because of another failure."""
        return (self.Cause or "").startswith("skipped: ")


class Check(msgspec.Struct, frozen=True):
    """The result of a layer."""

    successCount: Count  # noqa: N815 - these names are spelled as in the state machine
    failedCount: Count  # noqa: N815
    failedTables: tuple[str, ...]  # noqa: N815
    skippedTables: tuple[str, ...] = ()  # noqa: N815
    rootError: RootError | None = None  # noqa: N815


NEVER_RAN = Check(0, 0, ())


class Counts(msgspec.Struct, frozen=True):
    """The numbers of planned tables and groups."""

    stg: Count
    dv: Count
    dvGroups: Count  # noqa: N815


class Request(msgspec.Struct, frozen=True):
    """A finished run. `execution` and `release` are optional and only logged; `layer` is that of a run of one layer."""

    data_src_nm: Annotated[str, msgspec.Meta(min_length=1)]
    run_type: Literal["initial", "incremental"]
    start_date: str
    counts: Counts
    stageCheck: Check | None = None  # noqa: N815
    edvCheck: Check | None = None  # noqa: N815
    execution: str | None = None
    release: str | None = None
    layer: Layer | None = None

    @property
    def stage(self) -> Check:
        return self.stageCheck or NEVER_RAN

    @property
    def edv(self) -> Check:
        return self.edvCheck or NEVER_RAN

    @property
    def day(self) -> date:
        return date.fromisoformat(self.start_date)


def parse(event: Mapping[str, Any]) -> Request:
    """Read the event; raises `BadEvent` that names the field, what it must be, and the value."""
    given = {"run_type": "incremental", **event} if isinstance(event, Mapping) else event
    try:
        request = msgspec.convert(given, Request)
    except msgspec.ValidationError as error:
        raise BadEvent(_explain(str(error), given)) from None
    if not _is_date(request.start_date):
        raise BadEvent(_wrong("event['start_date']", "start_date", request.start_date))
    return request


def _is_date(text: str) -> bool:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):  # fromisoformat also takes 20260503
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _explain(problem: str, value: Any) -> str:
    where, field = "event", ""
    for name, index in re.findall(r"\.(\w+)|\[(\d+)\]", problem.partition(" - at `$")[2]):
        value = value[name] if name else value[int(index)]
        where, field = f"{where}[{name!r}]" if name else f"{where}[{index}]", name
    missing = re.match(r"Object missing required field `(\w+)`", problem)
    if missing:
        return f"{where}['{missing[1]}'] is missing; give {WANTED.get(missing[1], 'a string')}"
    return _wrong(where, field, value)


def _wrong(where: str, field: str, value: Any) -> str:
    wanted = WANTED.get(field, "a string") if where != "event" else "an object"
    shown = repr(value)
    return f"{where} must be {wanted}, got {shown if len(shown) <= SHOWN else shown[:SHOWN] + '...'}"
