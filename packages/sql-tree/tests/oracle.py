"""What a satellite must hold, worked out in plain Python from all staged rows at once.

Written from the rules, not from the SQL: the history of an entity is the sequence of its distinct states in order
of (change file, last change, operation, content); a state equal to the one before it is no new version.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

OPEN = datetime(9999, 12, 31)  # noqa: DTZ001 - the vault's times carry no zone
OPERATIONS = {"I": 0, "UN": 1, "D": 2}
MICROSECOND = timedelta(microseconds=1)

StagedRow = Mapping[str, Any]


def key_text(value: Any, *, is_text: bool) -> str:
    """One part of a natural key as the contract spells it."""
    if is_text:
        return "--" if value is None else str(value).strip(" ").upper()
    return "-1" if value is None else str(value)


def hash_key(parts: Iterable[str]) -> str:
    return hashlib.md5("~~".join(parts).encode(), usedforsecurity=False).hexdigest()


def hash_dif(values: Sequence[Any]) -> str:
    """MD5 of the JSON array of all payload values."""
    return hashlib.md5(f"[{', '.join(map(_json, values))}]".encode(), usedforsecurity=False).hexdigest()


def _json(value: Any) -> str:
    if isinstance(value, datetime):
        return f'"{value.isoformat().rstrip("0").rstrip(".") if value.microsecond else value.isoformat()}"'
    if value is None or isinstance(value, int):
        return json.dumps(value)
    return json.dumps(str(value), ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Rules:
    """How a staged row of one satellite is read."""

    entity: str
    key: Callable[[StagedRow], Any]
    payload: Sequence[str]
    is_resolved: Callable[[StagedRow], bool] = lambda row: True


@dataclass(slots=True)
class Version:
    """One expected satellite row."""

    entity: Any
    key: Any
    hash_dif: str
    load_dt: datetime
    data_eff_strt_dt: datetime
    data_eff_end_dt: datetime = OPEN
    load_end_dt: datetime = OPEN

    def as_row(self) -> tuple[Any, ...]:
        return (
            self.entity, self.key, self.hash_dif, self.load_dt, self.data_eff_strt_dt, self.data_eff_end_dt,
            self.load_end_dt,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Event:
    run: datetime
    effective: datetime
    last_change: datetime
    rank: int
    key: Any
    content: str
    is_end: bool

    @property
    def order(self) -> tuple[Any, ...]:
        return (self.effective, self.last_change, self.rank, self.content, str(self.key))


def history(rules: Rules, loads: Iterable[tuple[date, Iterable[StagedRow]]]) -> list[tuple[Any, ...]]:
    """The rows the satellite must hold after loads of ascending dates, sorted."""
    events: dict[Any, list[_Event]] = {}
    for run_date, rows in loads:
        for row in rows:
            events.setdefault(row[rules.entity], []).append(_event(rules, run_date, row))
    versions = [
        version for entity, found in events.items() for version in _versions(entity, _distinct(found))
    ]
    return sorted((version.as_row() for version in versions), key=repr)


def _event(rules: Rules, run_date: date, row: StagedRow) -> _Event:
    midnight = datetime.combine(row["cdc_dt"], time())
    last_change = row["last_chg_dt"] or datetime.min  # noqa: DTZ901 - the vault's times carry no zone
    effective = min(max(last_change, midnight), midnight + timedelta(days=1) - MICROSECOND)
    is_end = row["cdc_oper_cd"] == "D" or not rules.is_resolved(row)
    return _Event(
        run=datetime.combine(run_date, time()),
        effective=effective,
        last_change=last_change,
        rank=OPERATIONS[row["cdc_oper_cd"]],
        key=None if is_end else rules.key(row),
        content="\uffff" if is_end else hash_dif([row.get(column) for column in rules.payload]),
        is_end=is_end,
    )


def _distinct(events: list[_Event]) -> list[_Event]:
    """One event per state and time: the first run that brought it, the first operation of equal ones."""
    found: dict[tuple[Any, ...], _Event] = {}
    for event in sorted(events, key=lambda event: (event.run, event.rank)):
        identity = (event.effective, event.last_change, event.key, event.content, event.is_end)
        found.setdefault((*identity, event.rank) if event.is_end else identity, event)
    return sorted(found.values(), key=lambda event: event.order)


def _versions(entity: Any, events: list[_Event]) -> list[Version]:
    versions: list[Version] = []
    numbers: dict[datetime, int] = {}
    current: Version | None = None
    for event in events:
        if (
            current is not None
            and not event.is_end
            and (event.key, event.content) == (current.key, current.hash_dif)
        ):
            continue
        load_dt = event.run
        if not event.is_end:
            load_dt += MICROSECOND * numbers.get(event.run, 0)
            numbers[event.run] = numbers.get(event.run, 0) + 1
        if current is not None:
            current.data_eff_end_dt = event.effective
            current.load_end_dt = max(current.load_dt, load_dt)
            current = None
        if not event.is_end:
            current = Version(entity, event.key, event.content, load_dt, event.effective)
            versions.append(current)
    return versions
