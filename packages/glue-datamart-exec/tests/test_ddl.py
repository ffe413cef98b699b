"""The DDL layer: the ledger first, then the schema's scripts, as often as one likes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from harness import World, log_lines

from datamart_exec.errors import DatamartError
from process_control.migrations import MIGRATION_LOCK

TABLE = "CREATE SCHEMA IF NOT EXISTS mart; CREATE TABLE IF NOT EXISTS mart.t (a integer);"
COLUMN = "ALTER TABLE mart.t ADD COLUMN IF NOT EXISTS b text; DO $$ BEGIN PERFORM ';'; END $$;"


def test_an_empty_database_gets_ledger_and_schema_and_may_get_them_again(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.execute("DROP SCHEMA dart_process_control CASCADE")
    world.warehouse("MART", TABLE, COLUMN, layer="DDL")
    world.release()
    for _ in range(2):
        world.run("DDL", "MART")
    assert world.rows(
        "SELECT attname FROM pg_attribute WHERE attrelid = 'mart.t'::regclass AND attnum > 0"
    ) == [
        ("a",),
        ("b",),
    ]
    assert [row[0] for row in world.ledger("MART")] == ["Complete", "Complete"]
    first, second = (
        line["applied"] for line in log_lines(capsys.readouterr().out) if line["message"] == "migrations done"
    )
    assert first
    assert second == []


def test_the_ledger_needs_no_scripts_in_the_release(world: World) -> None:
    world.execute("DROP SCHEMA dart_process_control CASCADE")
    world.warehouse("OTHER", TABLE, layer="DDL")
    world.release()
    for _ in range(2):
        world.run("DDL", "DART_PROCESS_CONTROL")
    assert [row[0] for row in world.ledger("DART_PROCESS_CONTROL")] == ["Complete", "Complete"]
    with pytest.raises(DatamartError, match="unknown table EDV in layer DDL"):
        world.run("DDL", "EDV")


def test_a_script_that_fails_takes_back_the_schema(world: World) -> None:
    world.warehouse("MART", TABLE, "ALTER TABLE mart.nope ADD COLUMN b text;", layer="DDL")
    world.release()
    with pytest.raises(DatamartError, match=r"^DDL/MART/2_STEP.sql, statement 1 \(line 1\): relation"):
        world.run("DDL", "MART")
    assert world.rows("SELECT to_regclass('mart.t')") == [(None,)]


@pytest.fixture
def other_database(postgres_server: Any) -> Iterator[str]:
    """The name of an empty database beside the test's own."""
    postgres_server.create_database("PRCS_CTRL")
    yield "PRCS_CTRL"
    postgres_server.drop_database("PRCS_CTRL")


def test_a_database_of_its_own_for_process_control_gets_the_tables_too(
    world: World, postgres_server: Any, other_database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    world.change_secret(postgres_prcs_ctrl_dbname=other_database)
    world.warehouse("MART", TABLE, layer="DDL")
    world.release()
    for _ in range(2):
        world.run("DDL", "MART")
    with psycopg.connect(postgres_server.dsn(other_database)) as conn:
        found = conn.execute(
            "SELECT to_regclass('dart_process_control.data_ppln_oper_log') IS NOT NULL,"
            " to_regclass('dart_process_control.data_ppln_run_log') IS NOT NULL,"
            " to_regclass('dart_process_control.data_ppln_error_log') IS NOT NULL, to_regclass('mart.t') IS NULL"
        ).fetchall()
    assert found == [(True, True, True, True)]
    assert [row[0] for row in world.ledger("MART")] == ["Complete", "Complete"]
    done = [line for line in log_lines(capsys.readouterr().out) if line["message"] == "migrations done"]
    assert [bool(line["applied"]) for line in done if line["database"] == other_database] == [True, False]


def test_a_process_control_database_that_does_not_exist_fails_the_run_and_is_recorded(
    world: World,
) -> None:
    world.change_secret(postgres_prcs_ctrl_dbname="NOWHERE")
    world.warehouse("MART", TABLE, layer="DDL")
    world.release()
    with pytest.raises(DatamartError, match=r"database 'NOWHERE'.*check the database name in the secret"):
        world.run("DDL", "MART")
    assert world.rows("SELECT to_regclass('mart.t')") == [(None,)]
    assert [row[0] for row in world.ledger("MART")] == ["Failed"]


def test_migrations_wait_for_a_lock_no_longer_than_the_run_allows(world: World) -> None:
    world.execute("DROP SCHEMA dart_process_control CASCADE")
    world.warehouse("MART", TABLE, layer="DDL")
    world.release()
    with psycopg.connect(world.dsn) as other:
        other.execute("SELECT pg_advisory_xact_lock(%s)", (MIGRATION_LOCK,))
        with pytest.raises(DatamartError, match=r"migrations in database .*SQLSTATE 55P03"):
            world.run("DDL", "MART", lock_timeout_ms="200")
