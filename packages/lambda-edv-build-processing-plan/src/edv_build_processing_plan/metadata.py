"""Reads the metadata CSV files into typed rows. Pure; one error reports every problem of a file.

The files are pipe-delimited UTF-8. A byte order mark, quotes, header case, blank lines, CR LF and spaces around values
are accepted. Missing, unknown or repeated columns, short or long rows, bad names and bad ids are errors.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

from edv_build_processing_plan.errors import BadRelease

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ID = re.compile(r"[0-9]{1,18}")
_SHOWN = 80  # characters of a bad value in a message


@dataclass(frozen=True, slots=True)
class VaultTable:
    """A row of dv_tables.csv; the name is spelled as there, and compared without case."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Dependency:
    """A row of dv_tbl_dpnds.csv: table `requires` must be loaded before table `id`."""

    id: int
    requires: int
    line: int


Row = tuple[int, tuple[str, ...]]


def stage_tables(data: bytes) -> list[str]:
    """stg_tables.csv: names as spelled there, sorted without case."""
    file = "stg_tables.csv"
    rows = _rows(file, data, ("tbl",))
    problems: list[str] = []
    names = [_name(line, values[0], problems) for line, values in rows]
    _repeated("table", [(line, name) for (line, _), name in zip(rows, names, strict=True)], problems)
    _refuse(file, problems)
    return sorted(names, key=str.upper)


def vault_tables(data: bytes) -> list[VaultTable]:
    """dv_tables.csv, sorted by id; ids and names are unique."""
    file = "dv_tables.csv"
    problems: list[str] = []
    tables: list[tuple[int, VaultTable]] = []
    for line, (number, name) in _rows(file, data, ("etl_dv_tbl_id", "dv_tbl_nm")):
        table = VaultTable(_id(line, "etl_dv_tbl_id", number, problems), _name(line, name, problems))
        tables.append((line, table))
    _repeated("etl_dv_tbl_id", [(line, str(t.id)) for line, t in tables if t.id >= 0], problems)
    _repeated("table", [(line, t.name) for line, t in tables], problems)
    _refuse(file, problems)
    return sorted((table for _, table in tables), key=lambda table: table.id)


def dependencies(data: bytes, known: Sequence[VaultTable]) -> list[Dependency]:
    """dv_tbl_dpnds.csv. The id of a row must be in `known`; the required id may belong to another source."""
    file = "dv_tbl_dpnds.csv"
    ids = {table.id for table in known}
    problems: list[str] = []
    found: list[Dependency] = []
    for line, (own, needed) in _rows(file, data, ("etl_dv_tbl_id", "rqr_etl_dv_tbl_id")):
        own_id = _id(line, "etl_dv_tbl_id", own, problems)
        found.append(Dependency(own_id, _id(line, "rqr_etl_dv_tbl_id", needed, problems), line))
        if own_id >= 0 and own_id not in ids:
            problems.append(f"line {line}: etl_dv_tbl_id {own_id} is not in dv_tables.csv")
    _refuse(file, problems)
    return found


def _rows(file: str, data: bytes, columns: tuple[str, ...]) -> list[Row]:
    """(line number, values in the order of `columns`) of every row that is not blank."""
    lines = [row for row in _lines(file, data) if any(row[1])]
    if not lines:
        raise BadRelease(f"{file} is empty; its first line must be {'|'.join(columns)}")
    header = [name.lower() for name in lines[0][1]]
    _check_header(file, header, columns)
    order = [header.index(column) for column in columns]
    problems = [
        f"line {line}: {len(values)} values, the header has {len(header)}"
        for line, values in lines[1:]
        if len(values) != len(header)
    ]
    _refuse(file, problems)
    return [(line, tuple(values[i] for i in order)) for line, values in lines[1:]]


def _lines(file: str, data: bytes) -> list[Row]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadRelease(f"{file} is not UTF-8: byte {error.start} is 0x{data[error.start]:02x}") from None
    reader = csv.reader(io.StringIO(text, newline=""), delimiter="|", skipinitialspace=True)
    rows: list[Row] = []
    try:
        for values in reader:
            if any("\n" in value or "\r" in value for value in values):
                raise BadRelease(
                    f"{file}: a quote is opened but not closed before the end of line {reader.line_num}"
                )
            rows.append((reader.line_num, tuple(value.strip() for value in values)))
    except csv.Error as error:
        raise BadRelease(f"{file} line {reader.line_num}: {error}") from None
    return rows


def _check_header(file: str, header: Sequence[str], columns: Sequence[str]) -> None:
    problems = [f"column '{name}' is missing" for name in columns if name not in header]
    problems += [f"column {shown(name)} is unknown" for name in header if name not in columns]
    problems += [f"column '{name}' is there twice" for name in columns if header.count(name) > 1]
    _refuse(file, problems, hint=f"; the header must be {'|'.join(columns)}")


def _name(line: int, text: str, problems: list[str]) -> str:
    if not _NAME.fullmatch(text):
        problems.append(f"line {line}: {shown(text)} is not a table name (letters, digits and _)")
    return text


def _id(line: int, column: str, text: str, problems: list[str]) -> int:
    """The number, or -1 with a problem noted."""
    if not _ID.fullmatch(text):
        problems.append(f"line {line}: {column} must be a whole number, got {shown(text)}")
        return -1
    return int(text)


def _repeated(what: str, found: Sequence[tuple[int, str]], problems: list[str]) -> None:
    first: dict[str, int] = {}
    for line, value in found:
        if value.upper() in first:
            problems.append(f"line {line}: {what} {value} is already in line {first[value.upper()]}")
        first.setdefault(value.upper(), line)


def _refuse(file: str, problems: Sequence[str], hint: str = "") -> None:
    if problems:
        raise BadRelease(f"{file}: {listing(problems)}{hint}")


def shown(value: object) -> str:
    """A bad value for a message: short, with invisible characters (NUL, a second byte order mark) escaped."""
    text = repr(value)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "..."


def listing(values: Sequence[str], between: str = "; ", most: int = 20) -> str:
    """At most `most` of the values, and how many are left out."""
    more = len(values) - most
    text = between.join(values[:most])
    return text if more <= 0 else f"{text} and {more} more"
