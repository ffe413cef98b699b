"""Names of objects in the landing zone, and the order of changes that follows from them. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

_LOAD = re.compile(r"LOAD(?P<number>[0-9A-F]+)\.parquet", re.IGNORECASE)
_CHANGES = re.compile(r"(?P<day>\d{8})-(?P<number>\d+)\.parquet", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Landed:
    """An object of a source table: a file of a full load, whose counter is hexadecimal, or changes of a day."""

    key: str
    table: str
    is_load: bool
    day: date | None  # of changes: the date in the name
    number: int

    @property
    def order(self) -> tuple[int, date, int, str, str]:
        """Where its rows stand among those of one day: full loads first, then by date and number; never by arrival."""
        natural = re.sub(r"\d+", lambda digits: digits[0].zfill(20), self.key)
        return (0 if self.is_load else 1, self.day or date.min, self.number, natural, self.key)

    @property
    def stem(self) -> str:
        """The name without folder and ending."""
        return self.key.rpartition("/")[2].rpartition(".")[0]


def parse_key(key: str, prefix: str) -> Landed | None:
    """The object under `prefix` (`{app}/dbo/`, with the slash), or None for a name that the landing zone does not have."""
    table, slash, name = key.removeprefix(prefix).partition("/")
    if not key.startswith(prefix) or not slash or not table:
        return None
    if load := _LOAD.fullmatch(name):
        return Landed(key, table, True, None, int(load["number"], 16))
    if (changes := _CHANGES.fullmatch(name)) and (day := _date(changes["day"])):
        return Landed(key, table, False, day, int(changes["number"]))
    return None


def _date(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None
