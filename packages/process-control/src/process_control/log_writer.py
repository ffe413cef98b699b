"""Writes to the log tables without risk for the caller: with a time limit, and with failures as text."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from process_control.deadline import within
from process_control.errors import OutOfTimeError, WriteError
from process_control.settings import Database, DatabaseSettings, SecretsClient, load_settings

if TYPE_CHECKING:  # psycopg and boto3 are imported by the first write, so that a Lambda starts fast
    import psycopg

CONNECT_SECONDS = 3
STATEMENT_MS = 3_000
WHOLE_SECONDS = 8.0
RESERVED_SECONDS = 1.5  # of a Lambda's time: for the answer and for other effects
REASON_LIMIT = 500  # characters of a reason in an answer

Write = Callable[["psycopg.Connection[Any]"], object]


@dataclass(frozen=True, slots=True)
class LogWriter:
    """Writes rows to the databases of one secret, within `seconds`.

    Without `secret_name`, database logging is off. `client` replaces the Secrets Manager client that is made otherwise.
    """

    secret_name: str | None
    application_name: str
    sslmode: str = "verify-full"
    seconds: float = WHOLE_SECONDS
    client: SecretsClient | None = None
    sslrootcert: str | None = None

    @classmethod
    def of_lambda(cls, application_name: str, context: object, *, share: float = 1.0) -> LogWriter:
        """A writer from DB_SECRET_NAME, DB_SSLMODE and DB_SSLROOTCERT, with `share` of the invocation's remaining time."""
        return cls(
            secret_name=os.environ.get("DB_SECRET_NAME"),
            application_name=application_name,
            sslmode=os.environ.get("DB_SSLMODE") or "verify-full",
            seconds=_seconds(context, share),
            sslrootcert=os.environ.get("DB_SSLROOTCERT") or None,
        )

    def write(self, *entries: tuple[Database, Write]) -> str | None:
        """Write and commit all entries. Returns None, or the reason for a failure. Never raises, never blocks for long.

        Entries of the same database share a transaction.
        """
        if not self.secret_name:
            return "database logging is off: no secret name is configured (DB_SECRET_NAME)"
        try:
            within(self.seconds, lambda: self._write(entries), name="database logging")
        except OutOfTimeError as error:
            return _reason(
                error, f" (secret {self.secret_name!r}); the server or the network does not answer"
            )
        except Exception as error:  # no failure of the log may stop the run
            return _reason(error)
        return None

    def _write(self, entries: tuple[tuple[Database, Write], ...]) -> None:
        from psycopg import Error

        from process_control.connection import connect

        by_database: dict[DatabaseSettings, list[Write]] = {}
        for database, write in entries:
            by_database.setdefault(self._settings(database), []).append(write)
        for settings, writes in by_database.items():
            conn = connect(
                settings, application_name=self.application_name, statement_timeout_ms=STATEMENT_MS
            )
            try:
                with conn:  # commits or rolls back, then closes
                    for write in writes:
                        write(conn)
            except Error as error:
                raise WriteError(_refused(settings, error)) from error

    def _settings(self, database: Database) -> DatabaseSettings:
        return load_settings(
            self.secret_name or "",
            database=database,
            sslmode=self.sslmode,
            sslrootcert=self.sslrootcert,
            connect_timeout=CONNECT_SECONDS,
            client=self.client,
        )


def _seconds(context: object, share: float) -> float:
    remaining = getattr(context, "get_remaining_time_in_millis", None)
    if not callable(remaining):
        return WHOLE_SECONDS
    left: float = (remaining() / 1000 - RESERVED_SECONDS) * share
    return min(WHOLE_SECONDS, max(0.5, left))


def _refused(settings: DatabaseSettings, error: Exception) -> str:
    return f"not written to database {settings.dbname!r} at {settings.host}:{settings.port}: {error}"


def _reason(error: Exception, more: str = "") -> str:
    text = (" ".join(str(error).split()) or type(error).__name__) + more
    return text if len(text) <= REASON_LIMIT else text[: REASON_LIMIT - 3] + "..."
