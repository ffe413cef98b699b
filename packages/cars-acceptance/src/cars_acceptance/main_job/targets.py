"""Creates tables that a tree uses without DDL of its own, and refuses tables that nobody creates."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import psycopg
from psycopg import sql

from cars_acceptance.main_job.errors import MainJobError
from cars_acceptance.main_job.release import SOURCE_PREFIX, Release
from cars_acceptance.main_job.vault import Connection
from cars_acceptance.source.schema import Schema


def require_sources(release: Release, schema: Schema, tree: Path) -> None:
    """Raise MainJobError with every source table that staging scripts read and the generator does not deliver."""
    users: dict[str, list[str]] = {}
    for table in release.of("STG"):
        for name in table.reads:
            source = name.rpartition(".")[2]
            if name.startswith(SOURCE_PREFIX) and source not in schema.tables:
                users.setdefault(source, [])
                users[source] += [table.folder] * (table.folder not in users[source])
    if users:
        raise MainJobError(
            f"the generated source lacks {_count(users, 'table')} that staging scripts read: {', '.join(users)}",
            details=_lines(users),
            hint=f"correct the names, or declare the columns in {tree}/metadata/model/sources.yaml, as car_configs"
            f" does: the table is then delivered without rows; the source has {', '.join(schema.tables)}",
        )


def run_file(connection: Connection, path: Path) -> None:
    """Run the SQL of a file; raises MainJobError when it cannot be read or run."""
    try:
        connection.execute(path.read_bytes())
    except (OSError, psycopg.Error) as error:
        raise MainJobError(f"--database-sql {path}: {error}") from error


def complete(connection: Connection, release: Release, tree: Path, ddl: Path) -> list[str]:
    """Create missing tables of the CARS model with the scripts in `ddl`; returns their names.

    Raises MainJobError with every other table that the release reads or writes and the database lacks.
    """
    users = _users(release)
    scripts = {table: _script(ddl, table) for table in _missing(connection, users)}
    made = {table: script for table, script in scripts.items() if script is not None}
    for table, script in made.items():
        schema = sql.Identifier(table.partition(".")[0])
        connection.execute(sql.SQL("create schema if not exists {}").format(schema))
        connection.execute(script.read_bytes())
    missing = {table: users[table] for table in scripts if table not in made}
    if missing:
        raise MainJobError(
            f"no DDL creates {_count(missing, 'table')} that the tree reads or writes: {', '.join(missing)}",
            details=_lines(missing),
            hint=f"write CREATE TABLE IF NOT EXISTS in {tree}/DDL/{{SCHEMA}}/{{n}}_{{TABLE}}.sql, for example"
            f" {_example(next(iter(missing)))}; for tables that other teams own give --database-sql FILE, which runs"
            " in the local database only",
        )
    return list(made)


def _users(release: Release) -> dict[str, list[str]]:
    """Every database table of a release with the folders that read or write it."""
    users: dict[str, list[str]] = {}
    for table in release.tables:
        for name in dict.fromkeys((*table.targets, *table.reads)):
            if not name.startswith(SOURCE_PREFIX):
                users.setdefault(name, []).append(table.folder)
    return users


def _missing(connection: Connection, tables: Iterable[str]) -> list[str]:
    query = (
        "select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace"
    )
    existing = {name for (name,) in connection.execute(query).fetchall()}
    return [table for table in tables if table not in existing]


def _script(ddl: Path, table: str) -> Path | None:
    """The script of a table: `DDL/{SCHEMA}/{n}_{TABLE}.sql`."""
    schema, _, name = table.upper().partition(".")
    found = (path for path in sorted((ddl / schema).glob("*.sql")) if path.stem.partition("_")[2] == name)
    return next(found, None)


def _example(table: str) -> str:
    schema, _, name = table.upper().partition(".")
    return f"DDL/{schema}/1_{name}.sql"


def _count(found: Mapping[str, object], what: str) -> str:
    return f"{len(found)} {what}{'s' if len(found) > 1 else ''}"


def _lines(users: Mapping[str, list[str]]) -> str:
    return "\n".join(f"{table}: {', '.join(folders)}" for table, folders in users.items())
