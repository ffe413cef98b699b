from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from loads import NOW, RUN, Connection, load_of

from process_control.ledger import record_complete
from process_control.run_log import FinishedRun, close_job, log_operation, record_error, record_run

FINISHED = FinishedRun(
    run=RUN,
    end_date=date(2026, 5, 4),
    status="PARTIAL_SUCCESS",
    stg_success=12,
    stg_failed=1,
    edv_success=28,
    edv_failed=1,
    summary={"totals": {"successRate": "95.2%"}, "text": "a\0b"},
    execution="nightly-1",
    release="0f" * 16,
)


def rows(conn: Connection, columns: str, table: str) -> list[tuple[Any, ...]]:
    return conn.execute(f"SELECT {columns} FROM dart_process_control.{table} ORDER BY 1".encode()).fetchall()


def test_log_line_is_stored(conn: Connection) -> None:
    log_operation(
        conn, log_type="ERROR", message="a\0b", object_name="FARM_H", layer="EDV", execution="nightly-1"
    )
    found = rows(conn, "log_type, log_message, data_obj_nm, layer_nm, execution_nm", "data_ppln_oper_log")
    assert found == [("ERROR", "ab", "FARM_H", "EDV", "nightly-1")]


def test_run_is_stored_once_per_execution(conn: Connection) -> None:
    record_run(conn, replace(FINISHED, status="FAILED"))
    record_run(conn, FINISHED)
    found = rows(
        conn,
        "data_src_nm, run_type, start_date, end_date, status, stg_success_ct, stg_failed_ct, edv_success_ct,"
        " edv_failed_ct, summary_json, release_cd",
        "data_ppln_run_log",
    )
    summary = {"totals": {"successRate": "95.2%"}, "text": "ab"}
    dates = (date(2026, 5, 3), date(2026, 5, 4))
    assert found == [("CARS", "incremental", *dates, "PARTIAL_SUCCESS", 12, 1, 28, 1, summary, "0f" * 16)]


def test_runs_without_an_execution_name_are_all_kept(conn: Connection) -> None:
    for _ in range(2):
        record_run(conn, replace(FINISHED, execution=None))
    assert len(rows(conn, "status", "data_ppln_run_log")) == 2


def test_error_is_stored(conn: Connection) -> None:
    record_error(conn, RUN, error_type="E" * 300, message="because", execution="nightly-1")
    found = rows(conn, "data_src_nm, run_type, start_date, error_type, error_message", "data_ppln_error_log")
    assert found == [("CARS", "incremental", date(2026, 5, 3), "E" * 197 + "...", "because")]


def test_job_of_the_execution_is_closed(conn: Connection) -> None:
    record_complete(conn, load_of(), started_at=NOW, row_count=1)
    record_complete(conn, load_of(execution="nightly-2"), started_at=NOW, row_count=1)
    assert close_job(conn, RUN, execution="nightly-1", status="Failed", error="STG.A failed: x") == 1
    found = rows(conn, "execution_nm, job_stat_nm, err_msg_txt, job_end_dt IS NULL", "data_ppln_job")
    assert found == [
        ("nightly-1", "Failed", "STG.A failed: x", False),
        ("nightly-2", "In Progress", None, True),
    ]


def test_run_that_never_reached_the_database_gets_its_job(conn: Connection) -> None:
    assert close_job(conn, RUN, execution="nightly-9", status="Failed", error="no plan") == 1
    assert rows(conn, "execution_nm, job_stat_nm, err_msg_txt", "data_ppln_job") == [
        ("nightly-9", "Failed", "no plan")
    ]


@pytest.mark.parametrize("again", [1, 2])
def test_without_an_execution_name_open_jobs_of_the_run_are_closed(conn: Connection, again: int) -> None:
    record_complete(conn, load_of(), started_at=NOW, row_count=1)
    closed = [close_job(conn, RUN, execution=None, status="Complete") for _ in range(again)]
    assert closed == [1, 0][:again]
