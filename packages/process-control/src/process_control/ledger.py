"""The ledger of table loads: read and written in the transaction that loads the table.

No function commits. The caller locks the table, asks the ledger, runs the scripts, records the load and commits, at
isolation level read committed. Names are stored in upper case and compared without regard to case; times are UTC.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from process_control.errors import LedgerError
from process_control.parent_rows import ParentKey, layer_name, ledger_exists, require_ledger, row_ids
from process_control.text import storable

if TYPE_CHECKING:  # the Lambdas import psycopg only when they write
    import psycopg

ERROR_LIMIT = 4_000  # characters of an error text in the ledger


@dataclass(frozen=True, slots=True)
class RunKey:
    """The key of a run: data source, `initial` or `incremental`, and the date that it loads."""

    data_src_nm: str
    run_type: str
    start_date: date

    def __str__(self) -> str:
        return f"{self.data_src_nm.upper()} {self.run_type} {self.start_date.isoformat()}"


@dataclass(frozen=True, slots=True)
class TableLoad:
    """One table of one run, with the config release and the digest of inputs, which determine its content."""

    run: RunKey
    layer: str
    table_name: str
    release: str
    input_digest: str
    execution: str
    job_run_id: str


@dataclass(frozen=True, slots=True)
class Committed:
    """A committed load."""

    load: TableLoad
    row_count: int
    committed_at: datetime


@dataclass(frozen=True, slots=True)
class MissingRequirement:
    """A required table that does not hold this run; `cause` is the text of the root failure."""

    requirement: str
    status: str  # Failed | Skipped | absent | other run
    cause: str


def lock_table(conn: psycopg.Connection[Any], layer: str, table_name: str) -> None:
    """Lock this table against loads and readers of other transactions, until the end of this one."""
    conn.execute("SELECT pg_advisory_xact_lock(%s)", (lock_number(layer, table_name),))


def lock_number(layer: str, table_name: str) -> int:
    """The advisory lock's number: the same for a table on every machine and server version."""
    digest = hashlib.sha256(f"{layer_name(layer)}.{table_name.upper()}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def committed_load(conn: psycopg.Connection[Any], load: TableLoad) -> Committed | None:
    """The committed load with the same release, table, run key and inputs; None when the load is due.

    A load is due again when a later try for this run failed or loaded other inputs, when another run has replaced the
    staging table, and in a database without a ledger.
    """
    if not ledger_exists(conn):
        return None
    last = _last(conn, load.layer, load.table_name, load.run)
    if last is None or last.status != "Complete":
        return None
    found = last.committed.load
    if (found.release, found.input_digest) != (load.release, load.input_digest):
        return None
    if layer_name(load.layer) == "STG" and latest_load(conn, load.layer, load.table_name) != last.committed:
        return None
    return last.committed


def latest_load(conn: psycopg.Connection[Any], layer: str, table_name: str) -> Committed | None:
    """The last committed load of this table, of any run."""
    last = _last(conn, layer, table_name, None) if ledger_exists(conn) else None
    return None if last is None else last.committed


def run_load(conn: psycopg.Connection[Any], run: RunKey, layer: str, table_name: str) -> Committed | None:
    """The load that this table's last try for this run committed; None when it was not tried or failed."""
    last = _last(conn, layer, table_name, run) if ledger_exists(conn) else None
    return last.committed if last is not None and last.status == "Complete" else None


def missing_requirements(
    conn: psycopg.Connection[Any], run: RunKey, requires: Sequence[str]
) -> list[MissingRequirement]:
    """The tables of `requires` (each `LAYER.TABLE`) that do not hold this run, in this order.

    A table holds a run when its last try for it committed; a staging table must also still have that run's rows.
    Takes a shared lock on each table, so that no other load replaces it before the transaction ends.
    """
    if not requires:
        return []
    require_ledger(conn)
    tables = [_requirement(text) for text in requires]
    for number in sorted({lock_number(layer, table) for layer, table in tables}):
        conn.execute("SELECT pg_advisory_xact_lock_shared(%s)", (number,))
    found = (_missing(conn, run, layer, table) for layer, table in tables)
    return [missing for missing in found if missing is not None]


def skip_cause(missing: Sequence[MissingRequirement]) -> str:
    """The cause to report for a skipped table: a failure is preferred to a missing load."""
    order = {"Failed": 0, "Skipped": 1}
    return min(missing, key=lambda each: order.get(each.status, 2)).cause


def record_complete(
    conn: psycopg.Connection[Any],
    load: TableLoad,
    *,
    started_at: datetime,
    row_count: int,
    warnings: Sequence[str] = (),
) -> None:
    """Record a load in the transaction that loads, so that data and record are committed together.

    `warnings` say what the load left out or found odd; each is a row of `data_ppln_oper_log`.
    """
    if row_count < 0:
        raise LedgerError(f"row_count must not be negative, got {row_count}")
    _record(conn, load, started_at, "Complete", row_count, None)
    for warning in warnings:
        _warn(conn, load, warning)


def record_failed(
    conn: psycopg.Connection[Any], load: TableLoad, *, started_at: datetime, error: str
) -> None:
    """Record a failed try, in a new transaction of the caller: the loading one was rolled back."""
    _record(conn, load, started_at, "Failed", None, error)


def record_skipped(
    conn: psycopg.Connection[Any], load: TableLoad, *, started_at: datetime, cause: str
) -> None:
    """Record that a load was skipped because of `cause`, the text of the root failure (see `skip_cause`)."""
    _record(conn, load, started_at, "Skipped", None, cause)


def _warn(conn: psycopg.Connection[Any], load: TableLoad, warning: str) -> None:
    conn.execute(
        """
        INSERT INTO dart_process_control.data_ppln_oper_log
            (log_type, log_message, data_obj_nm, layer_nm, execution_nm)
        VALUES ('WARNING', %s, %s, %s, %s)
        """,
        (
            *(storable(warning, ERROR_LIMIT), load.table_name.upper()),
            *(layer_name(load.layer), load.execution),
        ),
    )


@dataclass(frozen=True, slots=True)
class _Last:
    status: str
    error: str
    committed: Committed


def _last(conn: psycopg.Connection[Any], layer: str, table_name: str, run: RunKey | None) -> _Last | None:
    """The last try of a table for `run`; for None, its last committed load."""
    row = conn.execute(
        """
        SELECT data_ppln_oper_stat_nm, coalesce(err_msg_txt, ''), coalesce(rcd_ct, 0), coalesce(oper_end_dt, cre_dt),
               data_src_nm, run_type, start_date, layer_nm, data_obj_nm,
               release_cd, input_digest, execution_nm, job_run_id
        FROM dart_process_control.data_ppln_oper
        WHERE layer_nm = %(layer)s AND data_obj_nm = %(table)s
          AND CASE WHEN %(any_run)s THEN data_ppln_oper_stat_nm = 'Complete'
                   ELSE start_date = %(start_date)s AND run_type = %(run_type)s AND data_src_nm = %(data_src_nm)s END
        ORDER BY data_ppln_oper_id DESC
        LIMIT 1
        """,
        {
            "layer": layer_name(layer),
            "table": table_name.upper(),
            "any_run": run is None,
            "start_date": None if run is None else run.start_date,
            "run_type": None if run is None else run.run_type,
            "data_src_nm": None if run is None else run.data_src_nm.upper(),
        },
    ).fetchone()
    if row is None:
        return None
    status, error, row_count, ended_at, *key = row
    load = TableLoad(RunKey(*key[:3]), *key[3:])
    return _Last(status, error, Committed(load, row_count, ended_at))


def _missing(
    conn: psycopg.Connection[Any], run: RunKey, layer: str, table_name: str
) -> MissingRequirement | None:
    name = f"{layer}.{table_name}"
    last = _last(conn, layer, table_name, run)
    if last is not None and last.status == "Failed":
        return MissingRequirement(name, "Failed", f"{name} failed: {last.error}")
    if last is not None and last.status == "Skipped":
        return MissingRequirement(name, "Skipped", last.error)
    if last is not None and layer != "STG":
        return None
    latest = latest_load(conn, layer, table_name)
    if last is not None and latest == last.committed:
        return None
    if latest is None:
        return MissingRequirement(name, "absent", f"{name} has not been loaded for {run}; load it first")
    holds = f"{name} holds the load of {latest.load.run}, not of {run}; load it again first"
    return MissingRequirement(name, "other run", holds)


def _requirement(text: str) -> tuple[str, str]:
    layer, dot, table = text.partition(".")
    if not dot or not table:
        raise LedgerError(f"a requirement must be LAYER.TABLE, got {text!r}")
    return layer_name(layer), table.upper()


def _record(
    conn: psycopg.Connection[Any],
    load: TableLoad,
    started_at: datetime,
    status: str,
    row_count: int | None,
    error: str | None,
) -> None:
    if started_at.tzinfo is None:
        raise LedgerError(f"started_at must carry its time zone, got {started_at.isoformat()!r}")
    require_ledger(conn)
    standalone = load.execution == load.job_run_id
    parent = ParentKey(
        data_src_nm=load.run.data_src_nm.upper(),
        layer=layer_name(load.layer),
        table_name=load.table_name.upper(),
        run_type=load.run.run_type,
        start_date=load.run.start_date,
        execution=load.execution,
        job_type="Glue" if standalone else "Step Functions",
        started_at=started_at,
    )
    ids = row_ids(conn, parent)
    values = {
        "target": ids.target,
        "job": ids.job,
        "started_at": started_at,
        "table": parent.table_name,
        "row_count": row_count,
        "routine": f"{parent.layer}/{parent.table_name}",
        "status": status,
        "error": None if error is None else storable(error, ERROR_LIMIT),
        "data_src_nm": parent.data_src_nm,
        "run_type": parent.run_type,
        "start_date": parent.start_date,
        "layer": parent.layer,
        "release": load.release,
        "input_digest": load.input_digest,
        "execution": load.execution,
        "job_run_id": load.job_run_id,
    }
    conn.execute(
        """
        INSERT INTO dart_process_control.data_ppln_oper
            (load_oper_tgt_id, data_ppln_job_id, data_eng_oper_nm, oper_strt_dt, oper_end_dt, data_obj_nm, rcd_ct,
             data_obj_proc_rtn_nm, data_ppln_oper_stat_nm, err_msg_txt, data_src_nm, run_type, start_date, layer_nm,
             release_cd, input_digest, execution_nm, job_run_id)
        VALUES (%(target)s, %(job)s, 'LOAD', %(started_at)s, clock_timestamp(), %(table)s, %(row_count)s,
                %(routine)s, %(status)s, %(error)s, %(data_src_nm)s, %(run_type)s, %(start_date)s, %(layer)s,
                %(release)s, %(input_digest)s, %(execution)s, %(job_run_id)s)
        """,
        values,
    )
    if standalone:  # without a state machine no Lambda closes the job
        _close_own_job(conn, values)


def _close_own_job(conn: psycopg.Connection[Any], values: dict[str, object]) -> None:
    conn.execute(
        """
        UPDATE dart_process_control.data_ppln_job
        SET job_stat_nm = CASE WHEN %(status)s = 'Complete' THEN 'Complete' ELSE 'Failed' END,
            job_end_dt = clock_timestamp(), err_msg_txt = %(error)s, last_chg_dt = clock_timestamp()
        WHERE data_ppln_job_id = %(job)s
        """,
        values,
    )
