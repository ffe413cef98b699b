"""The database session of a run: one connection, a transaction with time limits, errors without row data."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from datamart_exec.arguments import Arguments, Limits
from datamart_exec.errors import DatamartError
from process_control.connection import connect
from process_control.errors import ProcessControlError
from process_control.settings import Database, DatabaseSettings, load_settings

Connection = psycopg.Connection[Any]
FAILURE_TIMEOUT_MS = 10_000  # recording a failure must not keep a failed run alive


def settings_of(arguments: Arguments, database: Database = "edv") -> DatabaseSettings:
    """Connection settings of one of the secret's two databases, which may be the same one."""
    return load_settings(
        arguments.secret_name,
        database=database,
        sslmode=arguments.sslmode,
        sslrootcert=arguments.sslrootcert,
        connect_timeout=arguments.limits.connect_timeout,
    )


def open_connection(arguments: Arguments, database: Database = "edv") -> Connection:
    """Connect to a database of the secret within the connect timeout."""
    name = f"datamart-exec {arguments.layer}.{arguments.table_name}"
    return connect(settings_of(arguments, database), application_name=name)


def prepare(conn: Connection, limits: Limits, search_path: str = "pg_catalog") -> None:
    """Set time limits and formats for the open transaction, so that the server's own settings do not matter."""
    conn.execute(
        "SELECT set_config('TimeZone', 'UTC', true), set_config('DateStyle', 'ISO, YMD', true),"
        " set_config('IntervalStyle', 'postgres', true), set_config('extra_float_digits', '1', true),"
        " set_config('search_path', %s, true), set_config('lock_timeout', %s, true),"
        " set_config('statement_timeout', %s, true), set_config('idle_in_transaction_session_timeout', %s, true)",
        (search_path, f"{limits.lock_timeout_ms}ms", *(f"{limits.statement_timeout_ms}ms",) * 2),
    )


@contextmanager
def postgres_errors(place: str, text: str | None = None) -> Iterator[None]:
    """Raise errors of Postgres as `DatamartError` that names the place, without DETAIL, which holds the row."""
    try:
        yield
    except psycopg.Error as error:
        raise DatamartError(f"{place}: {reason(error)}{_line(error, text)}") from None
    except ProcessControlError as error:
        raise DatamartError(f"{place}: {error}") from error


def reason(error: psycopg.Error) -> str:
    """Postgres' message and code, without DETAIL and CONTEXT, which hold rows."""
    message = error.diag.message_primary
    if message is None:  # an error of the client: the connection is lost or was never open
        return f"{' '.join(str(error).split()) or type(error).__name__}; nothing was changed, run it again"
    way_out = WAYS_OUT.get(error.sqlstate or "", "")
    return f"{message} (SQLSTATE {error.sqlstate}){way_out}"


WAYS_OUT = {
    "55P03": "; another session holds the table, raise --lock_timeout_ms or end that session",
    "57014": "; raise --statement_timeout_ms",
    "57P01": "; the server ended the session, nothing was changed, run it again",
    "42P01": "; run the layer DDL first",
    "3F000": "; run the layer DDL first",
}


def _line(error: psycopg.Error, text: str | None) -> str:
    position = error.diag.statement_position
    if text is None or position is None:
        return ""
    return f", line {text.count(chr(10), 0, int(position) - 1) + 1} of the statement"
