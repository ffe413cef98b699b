"""The tables of `dart_process_control` as numbered SQL files in this folder, each applied once.

Never edit a file that was applied anywhere: write a change as the next number. Each file is also safe to execute on
its own and repeatedly, because a config release carries copies of them.
"""

import hashlib
import re
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import psycopg

from process_control.errors import MigrationError

FILE_NAME = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")
# a number that no other lock uses; with it, two migrations of one database run one after the other
MIGRATION_LOCK = 4_801_250_312_904_417


@dataclass(frozen=True, slots=True)
class Migration:
    """One file: its number, name and text."""

    version: int
    name: str
    text: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


def migrations() -> tuple[Migration, ...]:
    """The migrations of this package, in the order in which they run."""
    found = []
    for entry in files(__name__).iterdir():
        match = FILE_NAME.fullmatch(entry.name)
        if match:
            found.append(Migration(int(match[1]), entry.name, entry.read_text(encoding="utf-8")))
    return tuple(sorted(found, key=lambda migration: migration.version))


def migrate(conn: psycopg.Connection[Any], known: tuple[Migration, ...] | None = None) -> list[str]:
    """Apply the missing migrations in one transaction and return their file names.

    Commits, unless the caller has a transaction open. Raises `MigrationError` when the text of an applied file has
    changed, when the database has a migration that this package lacks, or when a file fails.
    """
    known = migrations() if known is None else known
    with conn.transaction():
        conn.execute("SELECT pg_advisory_xact_lock(%s)", (MIGRATION_LOCK,))
        missing = _missing(known, _applied(conn))
        for migration in missing:
            _apply(conn, migration)
    return [migration.name for migration in missing]


def _applied(conn: psycopg.Connection[Any]) -> dict[int, tuple[str, str]]:
    found = conn.execute("SELECT to_regclass('dart_process_control.schema_migration')").fetchone()
    if found is None or found[0] is None:
        return {}
    rows = conn.execute("SELECT version, file_nm, file_sha256 FROM dart_process_control.schema_migration")
    return {version: (name, digest) for version, name, digest in rows}


def _missing(known: tuple[Migration, ...], applied: dict[int, tuple[str, str]]) -> list[Migration]:
    by_version = {migration.version: migration for migration in known}
    for version, (name, digest) in sorted(applied.items()):
        migration = by_version.get(version)
        if migration is None:
            raise MigrationError(
                f"the database has migration {name}, which this version of process-control does not know;"
                " use the newer version"
            )
        if migration.sha256 != digest:
            raise MigrationError(
                f"migration {migration.name} was applied with sha256 {digest} but is now {migration.sha256};"
                " restore its text and write the change as a new file"
            )
    return [migration for migration in known if migration.version not in applied]


def _apply(conn: psycopg.Connection[Any], migration: Migration) -> None:
    try:
        conn.execute(migration.text.encode())
    except psycopg.Error as error:
        raise MigrationError(f"migration {migration.name} failed: {error}") from error
    conn.execute(
        "INSERT INTO dart_process_control.schema_migration (version, file_nm, file_sha256) VALUES (%s, %s, %s)",
        (migration.version, migration.name, migration.sha256),
    )
