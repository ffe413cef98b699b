"""One run of the job: reads arguments and release, loads the table, writes the ledger. Raises when the load failed."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime

import psycopg

from datamart_exec import config_release, ddl, logs, session, table_load, warehouse
from datamart_exec.arguments import Arguments, parse
from datamart_exec.config_release import Table
from datamart_exec.errors import DatamartError, SkippedError, concise
from datamart_exec.session import Connection
from datamart_exec.staging import load as staging
from datamart_exec.storage import Storage
from process_control import ledger
from process_control.errors import ProcessControlError

EXPECTED_ERRORS = (DatamartError, ProcessControlError, psycopg.Error)


def main(argv: Sequence[str]) -> None:
    """Load one table. A failed or skipped load raises `DatamartError` with one line of at most 400 characters."""
    started_at, clock = table_load.now(), time.monotonic()
    arguments = parse(argv)
    logs.start(
        execution=arguments.execution,
        job_run_id=arguments.job_run_id,
        layer=arguments.layer,
        table=arguments.table_name,
        run_type=arguments.run.run_type,
        start_date=arguments.run.start_date,
    )
    release = arguments.release or ""
    try:
        storage = Storage()
        if arguments.layer == "LANDING":
            from datamart_exec.landing import load as landing  # here: it imports pyiceberg, 0.6 s of CPU

            outcome = landing.load(arguments, storage)
        else:
            table = config_release.load(storage, arguments)
            release = table.release
            outcome = _loaded(arguments, table, storage)
    except Exception as error:
        failure = _failure(error)
        logs.error(str(failure), error_type=type(error).__name__)
        _record_failure(arguments, release, started_at, failure)
        raise failure from (None if isinstance(error, EXPECTED_ERRORS) else error)
    logs.info(
        "table done",
        release=release,
        rows=outcome.row_count,
        already_loaded=outcome.already_loaded,
        seconds=round(time.monotonic() - clock, 3),
    )


def _loaded(arguments: Arguments, table: Table, storage: Storage) -> table_load.Outcome:
    with session.open_connection(arguments) as conn:
        try:
            return _load(conn, arguments, table, storage)
        finally:
            if not conn.closed:
                conn.rollback()


def _load(conn: Connection, arguments: Arguments, table: Table, storage: Storage) -> table_load.Outcome:
    if arguments.layer == "DDL":
        return ddl.load(conn, arguments, table)
    if arguments.layer == "STG":
        return staging.load(conn, arguments, table, storage)
    return warehouse.load(conn, arguments, table)


def _failure(error: Exception) -> DatamartError:
    if isinstance(error, psycopg.Error):
        return DatamartError(concise(session.reason(error)))
    if not isinstance(error, EXPECTED_ERRORS):  # a defect: `main` keeps the traceback
        return DatamartError(concise(f"unexpected {type(error).__name__}: {error}"))
    kind = type(error) if isinstance(error, DatamartError) else DatamartError
    return kind(concise(str(error)))


def _record_failure(arguments: Arguments, release: str, started_at: datetime, failure: DatamartError) -> None:
    """Record the failure in the ledger over a new connection. An error while recording is only logged."""
    load = table_load.ledger_key(arguments, release, "")
    try:
        with session.open_connection(arguments) as conn:
            conn.execute(
                "SELECT set_config('statement_timeout', %s, true)", (f"{session.FAILURE_TIMEOUT_MS}ms",)
            )
            if isinstance(failure, SkippedError):
                cause = str(failure).removeprefix("skipped: ").partition(" [missing: ")[0]
                ledger.record_skipped(conn, load, started_at=started_at, cause=cause)
            else:
                ledger.record_failed(conn, load, started_at=started_at, error=str(failure))
    except (ProcessControlError, psycopg.Error) as error:
        logs.warning("the failure could not be recorded in the ledger", reason=concise(str(_failure(error))))
