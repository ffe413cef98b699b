"""The staging layer end to end: Parquet on S3 becomes the content of a Postgres table, and says so in the ledger."""

from __future__ import annotations

import pytest
from harness import DAY, World, farm_rows, log_lines


def test_rows_of_the_day_replace_the_table(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.changes(farm_rows(3))
    world.changes(farm_rows(5), day="2025-02-28")
    world.release()
    world.execute("INSERT INTO cars_stg.farm (farm_id) VALUES (99)")
    world.run("STG", "FARM")
    assert world.rows(
        "SELECT farm_id, pgm_yr, acres::text, farm_nm, cdc_oper_cd, cdc_dt::text FROM cars_stg.farm"
    ) == [(index, 2025, f"{index}.2500", f"farm {index}", "I", DAY) for index in range(3)]
    assert world.ledger("FARM") == [("Complete", 3, None)]
    done = log_lines(capsys.readouterr().out)[-1]
    assert (done["message"], done["rows"], done["table"], done["execution"]) == (
        "table done",
        3,
        "FARM",
        f"run-{DAY}",
    )
