import threading
from typing import Any

import psycopg
import pytest

from process_control.connection import connect
from process_control.errors import MigrationError
from process_control.migrations import Migration, migrate, migrations
from process_control.settings import DatabaseSettings

CONTRACT = {
    "data_ppln": "data_ppln_id data_ppln_nm",
    "data_ppln_step": "data_ppln_step_id data_ppln_id step_seq_nbr data_load_tgt_nm",
    "data_ppln_job": "data_ppln_job_id data_ppln_id data_eng_job_type_nm job_strt_dt job_end_dt job_stat_nm err_msg_txt"
    " data_stat_cd",
    "load_oper_tgt": "load_oper_tgt_id data_ppln_step_id data_bkt_nm data_bkt_pfx_nm db_tbl_nm data_stat_cd",
    "data_ppln_oper": "load_oper_tgt_id data_ppln_job_id data_eng_oper_nm oper_strt_dt oper_end_dt data_obj_type_nm"
    " data_obj_nm rcd_ct data_obj_proc_rtn_nm data_ppln_oper_stat_nm err_msg_txt cre_dt last_chg_dt data_stat_cd",
    "data_ppln_oper_log": "log_type log_message data_obj_nm crt_dt",
    "data_ppln_run_log": "data_src_nm run_type start_date end_date status stg_success_ct stg_failed_ct edv_success_ct"
    " edv_failed_ct summary_json crt_dt",
    "data_ppln_error_log": "data_src_nm run_type start_date error_type error_message crt_dt",
}


def columns(conn: psycopg.Connection[Any]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for table, column in conn.execute(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'dart_process_control'"
    ):
        found.setdefault(table, set()).add(column)
    return found


def test_every_table_and_column_of_the_contract_exists(conn: psycopg.Connection[Any]) -> None:
    found = columns(conn)
    for table, names in CONTRACT.items():
        assert set(names.split()) <= found[table], table


def test_second_migrate_applies_nothing(empty: DatabaseSettings) -> None:
    with connect(empty, application_name="test") as conn:
        assert migrate(conn) == [migration.name for migration in migrations()]
        assert migrate(conn) == []


def test_files_run_plainly_and_repeatedly_and_migrate_takes_over(empty: DatabaseSettings) -> None:
    with connect(empty, application_name="test") as conn:
        for migration in (*migrations(), *migrations()):
            conn.execute(migration.text.encode())
        before = columns(conn)
        conn.commit()
        assert migrate(conn) == [migration.name for migration in migrations()]
        assert columns(conn) == before


def test_changed_text_of_an_applied_file_is_an_error_that_names_it(conn: psycopg.Connection[Any]) -> None:
    first, *others = migrations()
    edited = Migration(first.version, first.name, first.text + "-- edited\n")
    with pytest.raises(MigrationError) as caught:
        migrate(conn, (edited, *others))
    assert str(caught.value) == (
        f"migration 0001_ledger.sql was applied with sha256 {first.sha256} but is now {edited.sha256};"
        " restore its text and write the change as a new file"
    )


def test_database_ahead_of_the_package_is_an_error(conn: psycopg.Connection[Any]) -> None:
    with pytest.raises(
        MigrationError, match=r"has migration 0002_run_logs.sql, which this version .* does not know"
    ):
        migrate(conn, migrations()[:1])


def test_failing_file_leaves_nothing_behind(empty: DatabaseSettings) -> None:
    broken = Migration(9, "0009_broken.sql", "CREATE TABLE public.half (a int); SELECT 1/0;")
    with connect(empty, application_name="test") as conn:
        with pytest.raises(MigrationError, match=r"migration 0009_broken.sql failed: division by zero"):
            migrate(conn, (*migrations(), broken))
        assert columns(conn) == {}
        assert conn.execute("SELECT to_regclass('public.half')").fetchone() == (None,)


def test_migrate_inside_a_transaction_leaves_the_commit_to_the_caller(empty: DatabaseSettings) -> None:
    with connect(empty, application_name="test") as conn:
        conn.execute("SELECT 1")
        migrate(conn)
        conn.rollback()
        assert columns(conn) == {}


def test_migrations_that_start_together_apply_each_file_once(empty: DatabaseSettings) -> None:
    applied: list[str] = []

    def run() -> None:
        with connect(empty, application_name="test") as conn:
            applied.extend(migrate(conn))

    threads = [threading.Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(applied) == [migration.name for migration in migrations()]


def test_versions_are_unique_and_have_no_gap() -> None:
    assert [migration.version for migration in migrations()] == list(range(1, len(migrations()) + 1))
