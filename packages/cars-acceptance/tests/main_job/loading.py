"""Loads generated days into a real Postgres with the SQL tree, without AWS: source tables are plain tables."""

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import yaml
from psycopg import sql

from cars_acceptance.source.load import Load
from cars_acceptance.source.schema import MODEL, Schema
from cars_acceptance.source.state import Row

FINAL, CHANGES = "fsa-local-cars", "fsa-local-cars-cdc"
Connection = psycopg.Connection[tuple[Any, ...]]


class Warehouse:
    """A database with source tables, staging and vault; `load` plays the pipeline for one day."""

    def __init__(self, connection: Connection, car_configs: Path, schema: Schema) -> None:
        self.connection = connection
        self.tree = car_configs
        self.schema = schema
        self.staging = _tables(car_configs / MODEL / "staging.yaml")
        self.vault = _tables(car_configs / MODEL / "vault.yaml")
        for zone in (FINAL, CHANGES):
            self._run(f'create schema "{zone}"')
            for table, columns in schema.tables.items():
                self._run(f'create table "{zone}".{table} ({", ".join(map(_column, columns))})')
        for layer in ("CARS_STG", "EDV"):
            self._scripts(self.tree / "DDL" / layer, date(2000, 1, 1))

    def write(self, load: Load) -> None:
        """What `zones.write` does in S3."""
        for table, rows in load.final.items():
            self._run(f'truncate "{FINAL}".{table}')
            self._copy(FINAL, table, rows)
        for tables in ([load.changes], load.late.values()):
            for changes in tables:
                for table, files in changes.items():
                    self._copy(CHANGES, table, [row for rows in files for row in rows])

    def load(self, day: date, *, initial: bool = False) -> None:
        """Stage and load every table for a day."""
        kind = "initial" if initial else "incremental"
        for table in self.staging:
            name = table.upper()
            query = (self.tree / "STG" / name / kind / f"{name}.sql").read_text(encoding="utf-8")
            self._run(f"truncate cars_stg.{table}")
            self._run(f"insert into cars_stg.{table} {bound(query, day).replace('`', chr(34))}")
        for table in sorted(self.vault, key=lambda name: ("satellite" in self.vault[name]["kind"], name)):
            self._scripts(self.tree / "EDV" / table.upper(), day)

    def _scripts(self, directory: Path, day: date) -> None:
        for path in sorted(directory.glob("*.sql"), key=lambda path: int(path.name.partition("_")[0])):
            self._run(bound(path.read_text(encoding="utf-8"), day))

    def _copy(self, zone: str, table: str, rows: Iterable[Row]) -> None:
        names = self.schema.tables[table].names
        target = sql.SQL("copy {} ({}) from stdin").format(
            sql.Identifier(zone, table), sql.SQL(", ").join(map(sql.Identifier, names))
        )
        with self.connection.cursor() as cursor, cursor.copy(target) as copy:
            for row in rows:
                copy.write_row([row.get(name) for name in names])

    def _run(self, statement: str) -> None:
        self.connection.execute(statement.encode())


def bound(text: str, day: date) -> str:
    """A script with the tokens it uses replaced."""
    tokens = {
        "{ETL_START_DATE}": f"{day}",
        "{ETL_START_TIMESTAMP}": f"{day} 00:00:00.000000",
        "{env}": "local",
    }
    for token, value in tokens.items():
        text = text.replace(token, value)
    return text


def _column(field: Any) -> str:
    kinds = {pa.int64(): "bigint", pa.int32(): "integer", pa.date32(): "date", pa.string(): "varchar"}
    if pa.types.is_decimal(field.type):
        return f'"{field.name}" decimal({field.type.precision}, {field.type.scale})'
    return f'"{field.name}" {kinds.get(field.type, "timestamp")}'


def _tables(path: Path) -> Mapping[str, Any]:
    tables: Mapping[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))["tables"]
    return tables
