from datetime import date, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from loads import NOW, RUN, Connection, load_of

from process_control.connection import connect
from process_control.errors import LedgerError, LedgerMissingError
from process_control.ledger import (
    MissingRequirement,
    RunKey,
    committed_load,
    latest_load,
    lock_number,
    missing_requirements,
    record_complete,
    record_failed,
    record_skipped,
    run_load,
    skip_cause,
)
from process_control.settings import DatabaseSettings
from process_control.text import storable

NEXT_DAY = RunKey("CARS", "incremental", date(2026, 5, 4))


def complete(conn: Connection, table: str, layer: str = "EDV", rows: int = 3, **changed: Any) -> None:
    record_complete(conn, load_of(table, layer, **changed), started_at=NOW, row_count=rows)


def failed(
    conn: Connection, table: str, layer: str = "EDV", error: str = "column x is missing", **changed: Any
) -> None:
    record_failed(conn, load_of(table, layer, **changed), started_at=NOW, error=error)


def test_committed_load_is_found_again_with_its_rows_and_time_in_utc(conn: Connection) -> None:
    complete(conn, "FARM_H", rows=41)
    found = committed_load(conn, load_of("FARM_H", execution="nightly-2", job_run_id="jr_other"))
    assert found is not None
    assert (found.row_count, found.load) == (41, load_of("FARM_H"))
    assert found.committed_at.utcoffset() == timedelta(0)


def test_names_are_found_in_any_case(conn: Connection) -> None:
    complete(conn, "farm_h", layer="edv")
    assert committed_load(conn, load_of("Farm_H")) is not None
    assert missing_requirements(conn, RunKey("cars", "incremental", RUN.start_date), ["edv.FARM_h"]) == []


@pytest.mark.parametrize(
    "changed",
    [
        {"release": "1e" * 16},
        {"input_digest": "cd" * 32},
        {"run": NEXT_DAY},
        {"run": RunKey("CARS", "initial", RUN.start_date)},
        {"run": RunKey("FSA", "incremental", RUN.start_date)},
        {"table_name": "TR_H"},
        {"layer": "DM"},
    ],
)
def test_a_different_release_input_run_or_table_is_another_load(
    conn: Connection, changed: dict[str, Any]
) -> None:
    complete(conn, "FARM_H")
    assert committed_load(conn, load_of(**changed)) is None


def test_a_load_that_failed_or_was_skipped_is_not_committed(conn: Connection) -> None:
    failed(conn, "FARM_H")
    record_skipped(conn, load_of("TR_H"), started_at=NOW, cause="EDV.FARM_H failed: x")
    assert committed_load(conn, load_of("FARM_H")) is None
    assert committed_load(conn, load_of("TR_H")) is None
    assert latest_load(conn, "EDV", "FARM_H") is None


def test_a_failure_after_a_commit_makes_the_load_due_again(conn: Connection) -> None:
    complete(conn, "FARM_H")
    failed(conn, "FARM_H", input_digest="")
    assert committed_load(conn, load_of("FARM_H")) is None
    assert run_load(conn, RUN, "EDV", "FARM_H") is None
    complete(conn, "FARM_H")
    assert committed_load(conn, load_of("FARM_H")) is not None


def test_a_staging_load_counts_only_while_the_table_holds_it(conn: Connection) -> None:
    complete(conn, "ACRSI_FARM", "STG")
    assert committed_load(conn, load_of("ACRSI_FARM", "STG")) is not None
    complete(conn, "ACRSI_FARM", "STG", run=NEXT_DAY)
    assert committed_load(conn, load_of("ACRSI_FARM", "STG")) is None


def test_a_vault_load_counts_also_after_the_next_day(conn: Connection) -> None:
    complete(conn, "FARM_H")
    complete(conn, "FARM_H", run=NEXT_DAY)
    assert committed_load(conn, load_of("FARM_H")) is not None
    latest = latest_load(conn, "EDV", "FARM_H")
    assert latest is not None
    assert latest.load.run == NEXT_DAY


def test_rolled_back_record_is_gone(conn: Connection) -> None:
    complete(conn, "FARM_H")
    conn.rollback()
    assert committed_load(conn, load_of("FARM_H")) is None


def test_all_requirements_that_are_committed_are_missing_nothing(conn: Connection) -> None:
    complete(conn, "ACRSI_FARM", "STG")
    complete(conn, "FARM_H")
    complete(conn, "FARM_H", run=NEXT_DAY)
    assert missing_requirements(conn, RUN, ["STG.ACRSI_FARM", "EDV.FARM_H"]) == []
    assert missing_requirements(conn, RUN, []) == []


def test_each_way_of_missing_is_told_apart(conn: Connection) -> None:
    failed(conn, "A", "STG", error="decimal too large")
    record_skipped(conn, load_of("B"), started_at=NOW, cause="STG.A failed: decimal too large")
    complete(conn, "D", "STG")
    complete(conn, "D", "STG", run=NEXT_DAY)
    assert missing_requirements(conn, RUN, ["STG.A", "EDV.B", "EDV.C", "STG.D"]) == [
        MissingRequirement("STG.A", "Failed", "STG.A failed: decimal too large"),
        MissingRequirement("EDV.B", "Skipped", "STG.A failed: decimal too large"),
        MissingRequirement(
            "EDV.C", "absent", "EDV.C has not been loaded for CARS incremental 2026-05-03; load it first"
        ),
        MissingRequirement(
            "STG.D",
            "other run",
            "STG.D holds the load of CARS incremental 2026-05-04, not of CARS incremental 2026-05-03;"
            " load it again first",
        ),
    ]


def test_vault_table_of_another_day_only_is_missing(conn: Connection) -> None:
    complete(conn, "FARM_H", run=NEXT_DAY)
    assert [each.status for each in missing_requirements(conn, RUN, ["EDV.FARM_H"])] == ["other run"]


def test_failure_of_a_repeated_run_holds_back_its_descendants(conn: Connection) -> None:
    complete(conn, "FARM_H")
    failed(conn, "FARM_H", release="1e" * 16, execution="nightly-2")
    assert [each.status for each in missing_requirements(conn, RUN, ["EDV.FARM_H"])] == ["Failed"]


def test_root_cause_survives_a_chain_of_skips(conn: Connection) -> None:
    failed(conn, "T0", error="duplicate key")
    for number in range(1, 6):
        missing = missing_requirements(conn, RUN, [f"EDV.ABSENT{number}", f"EDV.T{number - 1}"])
        record_skipped(conn, load_of(f"T{number}"), started_at=NOW, cause=skip_cause(missing))
    assert missing_requirements(conn, RUN, ["EDV.T5"])[0].cause == "EDV.T0 failed: duplicate key"


@pytest.mark.parametrize("text", ["FARM_H", "EDV.", ".FARM_H", "RAW.FARM_H"])
def test_malformed_requirement_is_an_error(conn: Connection, text: str) -> None:
    with pytest.raises(
        LedgerError, match=r"a requirement must be LAYER.TABLE, got|layer '.*' is unknown \(one of DDL"
    ):
        missing_requirements(conn, RUN, [text])


def test_ledger_keeps_the_error_text_within_bounds_and_storable(conn: Connection) -> None:
    failed(conn, "FARM_H", error="\0\ud800" + "x" * 10_000)
    stored = conn.execute("SELECT err_msg_txt FROM dart_process_control.data_ppln_oper").fetchone()
    assert stored is not None
    assert stored[0] == "?" + "x" * 3_996 + "..."


def test_naive_time_and_negative_count_are_refused(conn: Connection) -> None:
    with pytest.raises(LedgerError, match="started_at must carry its time zone, got '2026-05-04T03:02:01'"):
        record_failed(conn, load_of(), started_at=NOW.replace(tzinfo=None), error="x")
    with pytest.raises(LedgerError, match="row_count must not be negative, got -1"):
        record_complete(conn, load_of(), started_at=NOW, row_count=-1)


def test_database_without_ledger_has_no_loads_and_names_the_way_out(empty: DatabaseSettings) -> None:
    with connect(empty, application_name="test") as conn:
        assert committed_load(conn, load_of()) is None
        assert latest_load(conn, "EDV", "FARM_H") is None
        for ask in (
            lambda: missing_requirements(conn, RUN, ["STG.X"]),
            lambda: record_failed(conn, load_of(), started_at=NOW, error="x"),
        ):
            with pytest.raises(LedgerMissingError) as caught:
                ask()
            assert str(caught.value) == (
                f"database {empty.dbname!r} has no dart_process_control tables;"
                " run the Glue job with --layer DDL --table_name DART_PROCESS_CONTROL first"
            )


def test_load_hangs_on_pipeline_layer_table_and_execution(conn: Connection) -> None:
    complete(conn, "ACRSI_FARM", "STG", rows=7)
    failed(conn, "FARM_H")
    rows = conn.execute(
        """
        SELECT p.data_ppln_nm, s.step_seq_nbr, s.data_load_tgt_nm, t.db_tbl_nm, j.execution_nm, j.data_eng_job_type_nm,
               j.job_stat_nm, o.data_obj_nm, o.rcd_ct, o.data_ppln_oper_stat_nm, o.err_msg_txt, o.data_obj_proc_rtn_nm
        FROM dart_process_control.data_ppln_oper o
        JOIN dart_process_control.load_oper_tgt t USING (load_oper_tgt_id)
        JOIN dart_process_control.data_ppln_step s USING (data_ppln_step_id)
        JOIN dart_process_control.data_ppln_job j USING (data_ppln_job_id)
        JOIN dart_process_control.data_ppln p ON p.data_ppln_id = j.data_ppln_id AND p.data_ppln_id = s.data_ppln_id
        ORDER BY o.data_ppln_oper_id
        """
    ).fetchall()
    job = ("nightly-1", "Step Functions", "In Progress")
    assert rows == [
        ("CARS", 3, "STG", "acrsi_farm", *job, "ACRSI_FARM", 7, "Complete", None, "STG/ACRSI_FARM"),
        ("CARS", 4, "EDV", "farm_h", *job, "FARM_H", None, "Failed", "column x is missing", "EDV/FARM_H"),
    ]


@pytest.mark.parametrize(("status", "expected"), [("ok", ("Complete", None)), ("bad", ("Failed", "bad"))])
def test_run_started_on_its_own_closes_its_job(
    conn: Connection, status: str, expected: tuple[str, str | None]
) -> None:
    load = load_of(execution="jr_1", job_run_id="jr_1")
    if status == "ok":
        record_complete(conn, load, started_at=NOW, row_count=0)
    else:
        record_failed(conn, load, started_at=NOW, error=status)
    job = conn.execute(
        "SELECT job_stat_nm, err_msg_txt, data_eng_job_type_nm, job_end_dt >= job_strt_dt"
        " FROM dart_process_control.data_ppln_job"
    ).fetchone()
    assert job == (*expected, "Glue", True)


def test_times_are_kept_as_instants(conn: Connection) -> None:
    elsewhere = NOW.astimezone(timezone(timedelta(hours=-7)))
    record_complete(conn, load_of(), started_at=elsewhere, row_count=0)
    assert conn.execute("SELECT oper_strt_dt FROM dart_process_control.data_ppln_oper").fetchone() == (NOW,)


def test_lock_number_does_not_change_between_versions() -> None:
    assert lock_number("edv", "farm_h") == lock_number("EDV", "FARM_H") == -1747951101964251114


@given(st.text(), st.integers(min_value=3, max_value=50))
def test_storable_text_is_bounded_and_encodable(text: str, limit: int) -> None:
    stored = storable(text, limit)
    assert len(stored) <= limit
    assert "\0" not in stored
    stored.encode("utf-8")
