"""Runs the rendered scripts on a connection, and reads what they made. Nothing is ever committed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from sql_tree.model.lineage import staging_columns
from sql_tree.model.tables import Model

Row = Mapping[str, Any]


def create_tables(conn: psycopg.Connection[Any], root: Path) -> None:
    """Run the DDL of staging and vault in the order of the scripts' numbers."""
    for schema in ("CARS_STG", "EDV"):
        scripts = sorted((root / "DDL" / schema).iterdir(), key=lambda path: int(path.name.partition("_")[0]))
        for script in scripts:
            conn.execute(script.read_bytes())


class Vault:
    """The vault of one open transaction."""

    def __init__(self, conn: psycopg.Connection[Any], root: Path, model: Model) -> None:
        self.conn = conn
        self.root = root
        self.model = model

    @contextmanager
    def fresh(self) -> Iterator["Vault"]:
        """An empty vault; everything is rolled back at the end."""
        self.conn.rollback()
        try:
            yield self
        finally:
            self.conn.rollback()

    def stage(self, table: str, rows: Iterable[Row]) -> None:
        """Replace a staging table; columns a row does not name are NULL."""
        columns = list(staging_columns(self.model, table))
        self.conn.execute(sql.SQL("DELETE FROM cars_stg.{}").format(sql.Identifier(table)))
        values = [[row.get(column) for column in columns] for row in rows]
        insert = sql.SQL("INSERT INTO cars_stg.{} ({}) VALUES ({})").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, columns)),
            sql.SQL(", ").join(sql.Placeholder() for _ in columns),
        )
        with self.conn.cursor() as cursor:
            cursor.executemany(insert, values)

    def load(self, table: str, run_date: date) -> None:
        """Run the scripts of one vault table as a run of that date would."""
        for script in sorted((self.root / "EDV" / table.upper()).iterdir()):
            text = script.read_text(encoding="utf-8")
            text = text.replace("{ETL_START_TIMESTAMP}", f"{run_date} 00:00:00.000000")
            self.conn.execute(text.encode())

    def rows(self, table: str, columns: Sequence[str] = ("*",)) -> list[tuple[Any, ...]]:
        """The rows of a vault table, sorted."""
        wanted = sql.SQL(", ").join(
            sql.SQL("*") if column == "*" else sql.Identifier(column) for column in columns
        )
        query = sql.SQL("SELECT {} FROM edv.{}").format(wanted, sql.Identifier(table))
        return sorted(self.conn.execute(query).fetchall(), key=repr)

    def scalar(self, query: str) -> Any:
        found = self.conn.execute(query.encode()).fetchone()
        assert found is not None
        return found[0]
