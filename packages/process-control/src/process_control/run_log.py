"""The log rows of the Lambdas: log lines, finished runs, failures, and the end of a job. No function commits."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timezone
from typing import TYPE_CHECKING, Any

from process_control.ledger import ERROR_LIMIT, RunKey
from process_control.parent_rows import ROWS_LOCK, ParentKey, insert_job, job_id, require_ledger
from process_control.text import storable

if TYPE_CHECKING:  # the Lambdas import psycopg only when they write
    import psycopg


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """One row of `data_ppln_run_log`; `status` is SUCCESS, PARTIAL_SUCCESS or FAILED."""

    run: RunKey
    end_date: date
    status: str
    stg_success: int
    stg_failed: int
    edv_success: int
    edv_failed: int
    summary: Mapping[str, Any]
    execution: str | None = None
    release: str | None = None


def log_operation(
    conn: psycopg.Connection[Any],
    *,
    log_type: str,
    message: str,
    object_name: str | None = None,
    layer: str | None = None,
    execution: str | None = None,
) -> None:
    """Add a line to `data_ppln_oper_log`; `log_type` is INFO or ERROR."""
    require_ledger(conn)
    conn.execute(
        """
        INSERT INTO dart_process_control.data_ppln_oper_log
            (log_type, log_message, data_obj_nm, layer_nm, execution_nm)
        VALUES (%s, %s, %s, %s, %s)
        """,
        (log_type, storable(message, ERROR_LIMIT), object_name, layer, execution),
    )


def record_run(conn: psycopg.Connection[Any], finished: FinishedRun) -> None:
    """Write the row of a run to `data_ppln_run_log`; a second row of the same execution replaces the first."""
    require_ledger(conn)
    conn.execute(
        """
        INSERT INTO dart_process_control.data_ppln_run_log
            (data_src_nm, run_type, start_date, end_date, status, stg_success_ct, stg_failed_ct,
             edv_success_ct, edv_failed_ct, summary_json, execution_nm, release_cd)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s, %s)
        ON CONFLICT (execution_nm, data_src_nm, run_type, start_date) DO UPDATE
        SET end_date = excluded.end_date, status = excluded.status,
            stg_success_ct = excluded.stg_success_ct, stg_failed_ct = excluded.stg_failed_ct,
            edv_success_ct = excluded.edv_success_ct, edv_failed_ct = excluded.edv_failed_ct,
            summary_json = excluded.summary_json, release_cd = excluded.release_cd, crt_dt = clock_timestamp()
        """,
        (
            finished.run.data_src_nm.upper(),
            finished.run.run_type,
            finished.run.start_date,
            finished.end_date,
            finished.status,
            finished.stg_success,
            finished.stg_failed,
            finished.edv_success,
            finished.edv_failed,
            _json(finished.summary),
            finished.execution,
            finished.release,
        ),
    )


def record_error(
    conn: psycopg.Connection[Any], run: RunKey, *, error_type: str, message: str, execution: str | None = None
) -> None:
    """Add a row to `data_ppln_error_log`."""
    require_ledger(conn)
    conn.execute(
        """
        INSERT INTO dart_process_control.data_ppln_error_log
            (data_src_nm, run_type, start_date, error_type, error_message, execution_nm)
        VALUES (%s, %s, %s, %s, %s, %s)
        """,
        (
            run.data_src_nm.upper(),
            run.run_type,
            run.start_date,
            storable(error_type, 200),
            storable(message, ERROR_LIMIT),
            execution,
        ),
    )


def close_job(
    conn: psycopg.Connection[Any],
    run: RunKey,
    *,
    execution: str | None,
    status: str,
    error: str | None = None,
) -> int:
    """Set the job of this execution to `Complete` or `Failed` in `data_ppln_job`; the number of changed rows.

    Inserts the row when no table of the run reached the database. Without an execution name, closes every job of the
    run key that is in progress.
    """
    require_ledger(conn)
    text = None if error is None else storable(error, ERROR_LIMIT)
    if execution is None:
        return _close_open_jobs(conn, run, status, text)
    parent = _parent_key(run, execution)
    if job_id(conn, parent) is None:
        conn.execute("SELECT pg_advisory_xact_lock(%s)", (ROWS_LOCK,))
        insert_job(conn, parent)
    cursor = conn.execute(
        """
        UPDATE dart_process_control.data_ppln_job
        SET job_stat_nm = %s, err_msg_txt = %s, job_end_dt = clock_timestamp(), last_chg_dt = clock_timestamp()
        WHERE data_ppln_job_id = %s
        """,
        (status, text, job_id(conn, parent)),
    )
    return cursor.rowcount


def _close_open_jobs(conn: psycopg.Connection[Any], run: RunKey, status: str, error: str | None) -> int:
    cursor = conn.execute(
        """
        UPDATE dart_process_control.data_ppln_job j
        SET job_stat_nm = %s, err_msg_txt = %s, job_end_dt = clock_timestamp(), last_chg_dt = clock_timestamp()
        FROM dart_process_control.data_ppln p
        WHERE p.data_ppln_id = j.data_ppln_id AND j.job_stat_nm = 'In Progress'
          AND p.data_ppln_nm = %s AND j.run_type = %s AND j.start_date = %s
        """,
        (status, error, run.data_src_nm.upper(), run.run_type, run.start_date),
    )
    return cursor.rowcount


def _parent_key(run: RunKey, execution: str) -> ParentKey:
    return ParentKey(
        data_src_nm=run.data_src_nm.upper(),
        layer="",
        table_name="",
        run_type=run.run_type,
        start_date=run.start_date,
        execution=execution,
        job_type="Step Functions",
        started_at=datetime.now(timezone.utc),
    )


def _json(value: Mapping[str, Any]) -> str:
    # jsonb cannot hold \u0000
    return json.dumps(value, separators=(",", ":")).replace("\\u0000", "")
