"""Finds where a value or a page that ended a load is: file, column and row. Runs only after a failure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

import duckdb

from datamart_exec.staging import schema
from datamart_exec.staging.cast import SHOWN, identifier, literal
from datamart_exec.staging.schema import Schema

VALUE = re.compile(r": value '(.*)' is not ", re.DOTALL)
PLAIN_VALUE = re.compile(r": column \S+: value (.*?) is (?:finer|before)", re.DOTALL)
SOURCE_COLUMN = re.compile(r"CAST\((?:\w+\.)?(\w+) AS ")
TIME = re.compile(r": value (-?\d+) (microseconds|days) from 1970")

Column = tuple[str, str]  # view and lower-case name


def of_value(
    duck: duckdb.DuckDBPyConnection,
    schemas: Sequence[Schema],
    origins: Mapping[str, Column],
    used: Mapping[str, Iterable[str]],
    message: str,
) -> str:
    """The place of the refused value, to be appended to the message; empty when no single column holds it."""
    for each in schemas:
        for uri, columns in each.files.items():
            if message.startswith(f"{uri}: column "):
                name = message[len(uri) + len(": column ") :].partition(":")[0]
                found = PLAIN_VALUE.search(message)
                if name in columns and found:
                    raw = f"CAST({identifier(columns[name].name)} AS VARCHAR) = {literal(found[1])}"
                    return _shown(None, name, _row(duck, uri, "*", raw))
    for view, name in _candidates(origins, used, message):
        condition = _condition(identifier(name), message)
        each = next(one for one in schemas if one.source.reference.view == view)
        for file in each.source.files if condition else ():
            if row := _row(duck, file.uri, schema.select_item(each, file, name), condition):
                return _shown(file.uri, name, row)
    return ""


def of_engine(
    duck: duckdb.DuckDBPyConnection,
    schemas: Sequence[Schema],
    used: Mapping[str, Iterable[str]],
    message: str,
) -> str:
    """File and column that DuckDB cannot read; empty when every file can be read or the message names one."""
    for each in schemas:
        for file in each.source.files:
            if file.uri in message:
                return ""
            for name in sorted(used[each.source.reference.view]):
                if name in each.files[file.uri] and not _readable(duck, each, file.uri, name):
                    return (
                        f"; cannot read column {name} of {file.uri}, write the file again in another encoding"
                    )
    return ""


def _readable(duck: duckdb.DuckDBPyConnection, of: Schema, uri: str, name: str) -> bool:
    column = identifier(of.files[uri][name].name)
    try:
        duck.execute(
            f"SELECT max(hash({column})) FROM read_parquet([?], hive_partitioning = false)",  # noqa: S608 - quoted
            [uri],
        ).fetchall()
    except duckdb.Error:
        return False
    return True


def _candidates(
    origins: Mapping[str, Column], used: Mapping[str, Iterable[str]], message: str
) -> Iterator[Column]:
    """The source columns that a message about a target column, or about a CAST in the script, can mean."""
    if cast := SOURCE_COLUMN.search(message):
        yield from ((view, cast[1].lower()) for view, names in used.items() if cast[1].lower() in names)
        return
    output = message.partition(": value ")[0].rpartition(".")[2]
    if output in origins:
        yield origins[output]


def _condition(column: str, message: str) -> str:
    if " holds a NUL character" in message:
        return f"contains(CAST({column} AS VARCHAR), chr(0))"
    if time := TIME.search(message):
        if time[2] == "days":
            return f"{column} - DATE '1970-01-01' = {time[1]}"
        return f"epoch_us(CAST({column} AS TIMESTAMP)) = {time[1]}"
    found = VALUE.search(message)
    return f"left(CAST({column} AS VARCHAR), {SHOWN}) = {literal(found[1])}" if found else ""


def _row(duck: duckdb.DuckDBPyConnection, uri: str, item: str, condition: str) -> int | None:
    """The first row, counted from 1, whose value meets the condition."""
    files = f"read_parquet([{literal(uri)}], hive_partitioning = false, file_row_number = true)"
    query = f"SELECT min(file_row_number) + 1 FROM (SELECT {item}, file_row_number FROM {files}) WHERE {condition}"  # noqa: S608
    try:
        return duck.execute(query).fetchall()[0][0]  # type: ignore[no-any-return]
    except duckdb.Error:
        return None  # the message stays as it is: a failure to find the place must not hide it


def _shown(uri: str | None, column: str, row: int | None) -> str:
    place = [f"{uri}: column {column}"] if uri else []
    return f" ({', '.join([*place, f'row {row}'])})" if row else ""
