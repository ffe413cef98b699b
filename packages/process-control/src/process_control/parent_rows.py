"""The rows that a table load refers to: pipeline, layer, table and job. Each is inserted once, also by concurrent runs.

Rows are first looked up without a lock. When one is missing, one advisory lock is taken before the first insert and
kept to the end of the transaction, so that transactions which insert such rows cannot deadlock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from process_control.errors import LedgerError, LedgerMissingError

if TYPE_CHECKING:  # the Lambdas import psycopg only when they write
    import psycopg

# a number that no other lock uses; it guards the inserts of this module
ROWS_LOCK = 4_801_250_312_904_418

LAYERS = {"DDL": 0, "LANDING": 1, "FINAL": 2, "STG": 3, "EDV": 4, "DM": 5, "CAR_DM": 6}


@dataclass(frozen=True, slots=True)
class ParentKey:
    """The values that identify the four rows; names in upper case."""

    data_src_nm: str
    layer: str
    table_name: str
    run_type: str
    start_date: date
    execution: str
    job_type: str
    started_at: datetime


@dataclass(frozen=True, slots=True)
class ParentIds:
    """The ids of the rows in `load_oper_tgt` and `data_ppln_job`."""

    target: int
    job: int


def layer_name(layer: str) -> str:
    """The layer in upper case; raises `LedgerError` for an unknown one."""
    name = layer.upper()
    if name not in LAYERS:
        raise LedgerError(f"layer {layer!r} is unknown (one of {', '.join(LAYERS)})")
    return name


def ledger_exists(conn: psycopg.Connection[Any]) -> bool:
    found = conn.execute("SELECT to_regclass('dart_process_control.data_ppln_oper') IS NOT NULL").fetchone()
    return found is not None and bool(found[0])


def require_ledger(conn: psycopg.Connection[Any]) -> None:
    if not ledger_exists(conn):
        raise LedgerMissingError(
            f"database {conn.info.dbname!r} has no dart_process_control tables;"
            " run the Glue job with --layer DDL --table_name DART_PROCESS_CONTROL first"
        )


def row_ids(conn: psycopg.Connection[Any], parent: ParentKey) -> ParentIds:
    """The ids of the rows of `parent`; missing rows are inserted."""
    ids = _find(conn, parent)
    if ids is None:
        conn.execute("SELECT pg_advisory_xact_lock(%s)", (ROWS_LOCK,))
        _insert(conn, parent)
        ids = _find(conn, parent)
    if ids is None:
        raise LedgerError(
            f"the ledger's rows of {parent.layer}.{parent.table_name} were deleted while they were made"
        )
    return ids


def job_id(conn: psycopg.Connection[Any], parent: ParentKey) -> int | None:
    """The id of the row of `parent` in `data_ppln_job`."""
    row = conn.execute(
        """
        SELECT j.data_ppln_job_id
        FROM dart_process_control.data_ppln_job j
        JOIN dart_process_control.data_ppln p ON p.data_ppln_id = j.data_ppln_id
        WHERE p.data_ppln_nm = %(data_src_nm)s AND j.execution_nm = %(execution)s
          AND j.run_type = %(run_type)s AND j.start_date = %(start_date)s
        """,
        _values(parent),
    ).fetchone()
    return None if row is None else int(row[0])


def insert_job(conn: psycopg.Connection[Any], parent: ParentKey) -> None:
    """Insert pipeline and job of `parent` unless they exist. The caller holds `ROWS_LOCK`."""
    conn.execute(
        """
        INSERT INTO dart_process_control.data_ppln (data_ppln_nm)
        VALUES (%(data_src_nm)s) ON CONFLICT DO NOTHING
        """,
        _values(parent),
    )
    conn.execute(
        """
        INSERT INTO dart_process_control.data_ppln_job
            (data_ppln_id, data_eng_job_type_nm, job_strt_dt, job_stat_nm, run_type, start_date, execution_nm)
        SELECT p.data_ppln_id, %(job_type)s, %(started_at)s, 'In Progress',
               %(run_type)s, %(start_date)s, %(execution)s
        FROM dart_process_control.data_ppln p
        WHERE p.data_ppln_nm = %(data_src_nm)s
        ON CONFLICT DO NOTHING
        """,
        _values(parent),
    )


def _insert(conn: psycopg.Connection[Any], parent: ParentKey) -> None:
    insert_job(conn, parent)
    conn.execute(
        """
        INSERT INTO dart_process_control.data_ppln_step (data_ppln_id, step_seq_nbr, data_load_tgt_nm)
        SELECT p.data_ppln_id, %(step_seq_nbr)s, %(layer)s
        FROM dart_process_control.data_ppln p
        WHERE p.data_ppln_nm = %(data_src_nm)s
        ON CONFLICT DO NOTHING
        """,
        _values(parent),
    )
    conn.execute(
        """
        INSERT INTO dart_process_control.load_oper_tgt (data_ppln_step_id, db_tbl_nm)
        SELECT s.data_ppln_step_id, %(db_tbl_nm)s
        FROM dart_process_control.data_ppln p
        JOIN dart_process_control.data_ppln_step s ON s.data_ppln_id = p.data_ppln_id
        WHERE p.data_ppln_nm = %(data_src_nm)s AND s.data_load_tgt_nm = %(layer)s
        ON CONFLICT DO NOTHING
        """,
        _values(parent),
    )


def _find(conn: psycopg.Connection[Any], parent: ParentKey) -> ParentIds | None:
    row = conn.execute(
        """
        SELECT t.load_oper_tgt_id, j.data_ppln_job_id
        FROM dart_process_control.data_ppln p
        JOIN dart_process_control.data_ppln_step s ON s.data_ppln_id = p.data_ppln_id
        JOIN dart_process_control.load_oper_tgt t ON t.data_ppln_step_id = s.data_ppln_step_id
        JOIN dart_process_control.data_ppln_job j ON j.data_ppln_id = p.data_ppln_id
        WHERE p.data_ppln_nm = %(data_src_nm)s AND s.data_load_tgt_nm = %(layer)s AND t.db_tbl_nm = %(db_tbl_nm)s
          AND j.execution_nm = %(execution)s AND j.run_type = %(run_type)s AND j.start_date = %(start_date)s
        """,
        _values(parent),
    ).fetchone()
    return None if row is None else ParentIds(target=row[0], job=row[1])


def _values(parent: ParentKey) -> dict[str, object]:
    return {
        "data_src_nm": parent.data_src_nm,
        "layer": parent.layer,
        "step_seq_nbr": LAYERS.get(parent.layer),
        "db_tbl_nm": parent.table_name.lower(),
        "run_type": parent.run_type,
        "start_date": parent.start_date,
        "execution": parent.execution,
        "job_type": parent.job_type,
        "started_at": parent.started_at,
    }
