"""The DDL layer: the ledger first, then the schema's scripts, as often as one likes."""

from __future__ import annotations

import pytest
from harness import World, log_lines

from datamart_exec.errors import DatamartError

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


def test_a_script_that_fails_takes_back_the_schema(world: World) -> None:
    world.warehouse("MART", TABLE, "ALTER TABLE mart.nope ADD COLUMN b text;", layer="DDL")
    world.release()
    with pytest.raises(DatamartError, match=r"^DDL/MART/2_STEP.sql, statement 1 \(line 1\): relation"):
        world.run("DDL", "MART")
    assert world.rows("SELECT to_regclass('mart.t')") == [(None,)]
