"""Reads control totals from a CSV in USDA's published county crop acreage format; reports every bad line."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

from cars_acceptance.source.acres import DECIMALS, LARGEST
from cars_acceptance.source.codes import CodeBook, Status, type_code, use_code
from cars_acceptance.source.controls import ControlTotals, Key, Line
from cars_acceptance.source.errors import ControlTotalsError, SourceError

CATEGORIES: Mapping[str, Status] = {
    "planted": Status.PLANTED,
    "volunteer": Status.VOLUNTEER,
    "failed": Status.FAILED,
    "prevented": Status.PREVENTED,
    "not planted": Status.NOT_PLANTED,
}
SUM = "planted and failed"
CODES: Mapping[str, int] = {"state code": 2, "county code": 3, "crop code": 4}  # width of the code
NAMES = ("state", "county", "state county code", "crop", "crop type", "intended use", "irrigation practice")
COLUMNS = (*CODES, *NAMES, *CATEGORIES, SUM)
IRRIGATION = ("I", "N", "O")
SHOWN_PROBLEMS = 20

_NUMBER = re.compile(r"(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d*)?|\.\d+", re.ASCII)


def builtin() -> ControlTotals:
    """The control totals that come with the package: invented counties and acres."""
    resource = files(__package__).joinpath("builtin_control_totals.csv")
    return parse(resource.read_bytes(), "builtin_control_totals.csv")


def read(path: Path) -> ControlTotals:
    """Control totals of a file; raises ControlTotalsError naming line, column and value of what is wrong."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ControlTotalsError(f"cannot read control totals {path}: {error.strerror}") from error
    return parse(content, path.name)


def parse(content: bytes, name: str) -> ControlTotals:
    """Control totals of a file's bytes; `name` is for messages."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ControlTotalsError(
            f"{name}: line {line}: byte {content[error.start]:#04x} is not UTF-8; save the file as UTF-8"
        ) from error
    reading = _Reading(name)
    for number, fields in _rows(text, reading):
        reading.line(number, fields)
    return reading.result()


def _rows(text: str, reading: "_Reading") -> Iterator[tuple[int, dict[str, str]]]:
    """The data lines as (line number, column -> text); the header is looked at first."""
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    header: list[str] | None = None
    while True:
        try:
            row = next(rows, None)
        except csv.Error as error:
            reading.problem(rows.line_num, f"not readable as CSV: {error}")
            return
        if row is None:
            return
        if not any(cell.strip() for cell in row):
            continue
        if header is None:
            header = reading.header(rows.line_num, row)
        elif len(row) != len(header):
            reading.problem(rows.line_num, f"has {len(row)} fields, the header has {len(header)}")
        else:
            yield rows.line_num, dict(zip(header, (cell.strip() for cell in row), strict=True))


@dataclass
class _Reading:
    """The content and the problems of one file so far."""

    name: str
    acres: dict[Key, Decimal] = field(default_factory=dict)
    names: CodeBook = field(default_factory=CodeBook)
    problems: list[str] = field(default_factory=list)
    seen: dict[Line, int] = field(default_factory=dict)

    def problem(self, number: int, text: str) -> None:
        self.problems.append(f"line {number}: {text}")

    def header(self, number: int, row: Sequence[str]) -> list[str]:
        """Column names in the form for comparison; raises ControlTotalsError for a missing or repeated column."""
        columns = [_column(cell) for cell in row]
        missing = [column for column in COLUMNS if column not in columns]
        repeated = sorted({column for column in columns if column in COLUMNS and columns.count(column) > 1})
        if missing or repeated:
            what = [f"column {column!r} is missing" for column in missing]
            what += [f"column {column!r} is there twice" for column in repeated]
            raise ControlTotalsError(f"{self.name}: line {number}: {'; '.join(what)}")
        return columns

    def line(self, number: int, fields: Mapping[str, str]) -> None:
        found = len(self.problems)
        codes = {column: self.code(number, column, fields[column]) for column in CODES}
        if codes["state code"] and codes["county code"]:
            self.area(number, fields)
        if fields["irrigation practice"].upper() not in IRRIGATION:
            self.bad(number, "irrigation practice", fields, "one of I, N, O")
        for column in ("state", "county", "crop"):
            if not fields[column]:
                self.bad(number, column, fields, "a name")
        acres = {column: self.quantity(number, column, fields) for column in (*CATEGORIES, SUM)}
        if len(self.problems) == found:
            self.keep(number, codes, fields, acres)

    def keep(
        self, number: int, codes: Mapping[str, str], fields: Mapping[str, str], acres: Mapping[str, Decimal]
    ) -> None:
        """Book a line whose fields are all readable, unless it contradicts itself or an earlier line."""
        if acres["planted"] + acres["failed"] != acres[SUM]:
            self.problem(
                number,
                f"planted {acres['planted']} + failed {acres['failed']} is {acres['planted'] + acres['failed']}, "
                f"but column {SUM!r} is {acres[SUM]}",
            )
        line = Line(
            codes["state code"],
            codes["county code"],
            codes["crop code"],
            type_code(fields["crop type"]),
            use_code(fields["intended use"]),
            fields["irrigation practice"].upper(),
        )
        first = self.seen.setdefault(line, number)
        if first != number:
            self.problem(
                number, f"repeats line {first} (same county, crop, type, use and irrigation); merge them"
            )
            return
        try:
            self.learn(line, fields)
        except SourceError as error:
            self.problem(number, str(error))
        self.acres.update({Key(line, status.value): acres[column] for column, status in CATEGORIES.items()})

    def learn(self, line: Line, fields: Mapping[str, str]) -> None:
        self.names.learn("state", line.state, fields["state"])
        self.names.learn("county", line.state + line.county, fields["county"])
        self.names.learn("crop", line.crop, fields["crop"])
        self.names.learn("crop type", line.crop_type, fields["crop type"])
        self.names.learn("intended use", line.use, fields["intended use"] or "Blank")

    def result(self) -> ControlTotals:
        if not self.problems and not any(self.acres.values()):
            self.problems.append("there is no line with acres")
        if self.problems:
            shown = self.problems[:SHOWN_PROBLEMS]
            more = [f"and {len(self.problems) - len(shown)} more"] if len(self.problems) > len(shown) else []
            count = f"{len(self.problems)} problem{'s' if len(self.problems) > 1 else ''}"
            raise ControlTotalsError(f"{self.name}: {count}: {'; '.join(shown + more)}")
        return ControlTotals({key: acres for key, acres in self.acres.items() if acres}, self.names)

    def code(self, number: int, column: str, text: str) -> str:
        width = CODES[column]
        if not text.isdecimal() or not 0 < int(text) < 10**width:
            self.problem(number, f"column {column!r} is {text!r} (a whole number from 1 to {10**width - 1})")
            return ""
        return f"{int(text):0{width}d}"

    def area(self, number: int, fields: Mapping[str, str]) -> None:
        """`State County Code` is the state code followed by three digits of the county code."""
        state, county, both = fields["state code"], fields["county code"], fields["state county code"]
        wanted = int(state) * 1000 + int(county)
        if not both.isdecimal() or int(both) != wanted:
            self.bad(number, "state county code", fields, f"{wanted}, from state {state} and county {county}")

    def quantity(self, number: int, column: str, fields: Mapping[str, str]) -> Decimal:
        text = fields[column]
        if not _NUMBER.fullmatch(text):
            self.bad(number, column, fields, "acres, zero or more, as in 1234.5 or 1,234.5")
            return Decimal(0)
        acres = Decimal(text.replace(",", ""))
        if acres != round(acres, DECIMALS):
            self.bad(number, column, fields, f"at most {DECIMALS} decimals")
        if acres > LARGEST:
            self.bad(number, column, fields, f"at most {LARGEST}")
        return acres

    def bad(self, number: int, column: str, fields: Mapping[str, str], expected: str) -> None:
        self.problem(number, f"column {column!r} is {fields[column]!r} ({expected})")


def _column(cell: str) -> str:
    """A header cell in the form for comparison: lower case, single spaces, `&` for `and`, with or without `acres`."""
    text = re.sub(r"[\s_]+", " ", cell.strip().lower().replace("&", "and"))
    return text.removesuffix(" acres")
