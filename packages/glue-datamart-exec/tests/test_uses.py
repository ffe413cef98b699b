"""A hub that takes keys from several staging tables: a failed one holds up its own rows only, and no link is an orphan."""

from __future__ import annotations

import pytest
from harness import STAGING, World, farm_rows, log_lines

from datamart_exec.errors import DatamartError, SkippedError

HUB = """
INSERT INTO edv.farm_h (farm_h_id, load_dt)
SELECT DISTINCT md5(s.farm_id::varchar), TIMESTAMP '{ETL_START_TIMESTAMP}'
FROM (SELECT farm_id FROM cars_stg.farm UNION SELECT farm_id FROM cars_stg.field) AS s
ON CONFLICT DO NOTHING;
"""
OF_FARM = "INSERT INTO edv.farm_hs SELECT md5(farm_id::varchar), farm_nm, load_dt FROM cars_stg.farm;"
OF_FIELD = OF_FARM.replace("cars_stg.farm;", "cars_stg.field;")


@pytest.fixture
def two(world: World) -> World:
    """Staging tables FARM (good: farms 0 to 2) and FIELD (its load fails), a hub that uses both, a table of each."""
    world.execute("CREATE TABLE cars_stg.field (LIKE cars_stg.farm)")
    world.staging(STAGING.replace("`farm`", "`field`"), name="FIELD")
    world.changes(farm_rows(3))
    world.changes(farm_rows(5, acres=None), table="field")
    world.warehouse("FARM_H", HUB)
    world.tables["EDV"]["FARM_H"]["uses"] = ["STG.FARM", "STG.FIELD"]
    world.warehouse("FARM_HS", OF_FARM, requires=["EDV.FARM_H", "STG.FARM"])
    world.warehouse("FLD_HS", OF_FIELD, requires=["EDV.FARM_H", "STG.FIELD"])
    world.release()
    with pytest.raises(DatamartError, match="acres"):
        world.run("STG", "FIELD")
    return world


def count(world: World, table: str) -> int:
    found: int = world.rows(f"SELECT count(*) FROM edv.{table}")[0][0]
    return found


def test_a_failed_staging_table_stops_only_what_is_loaded_from_it(
    two: World, capsys: pytest.CaptureFixture[str]
) -> None:
    two.run("STG", "FARM")
    two.run("EDV", "FARM_H")
    assert [line["left_out"] for line in log_lines(capsys.readouterr().out) if "left_out" in line] == [
        ["STG.FIELD"]
    ]
    two.run("EDV", "FARM_HS")
    with pytest.raises(
        SkippedError, match=r"^skipped: STG.FIELD failed: .*\[missing: STG.FIELD \(Failed\)\]$"
    ):
        two.run("EDV", "FLD_HS")
    assert (count(two, "farm_h"), count(two, "farm_hs")) == (3, 3)


def test_the_hub_is_loaded_again_once_the_failed_table_is_there(two: World) -> None:
    two.run("STG", "FARM")
    two.run("EDV", "FARM_H")
    two.changes(farm_rows(5), table="field")
    two.run("STG", "FIELD")
    for _ in range(2):
        two.run("EDV", "FARM_H")
    two.run("EDV", "FLD_HS")
    assert (count(two, "farm_h"), count(two, "farm_hs")) == (5, 5)
    assert [row[0] for row in two.ledger("FARM_H")] == ["Complete", "Complete"]


def test_nothing_is_loaded_beside_a_hub_that_does_not_know_its_rows_yet(two: World) -> None:
    """Run by hand without the hub in between, the satellite would hold keys that the hub does not."""
    two.run("STG", "FARM")
    two.run("EDV", "FARM_H")
    two.changes(farm_rows(5), table="field")
    two.run("STG", "FIELD")
    with pytest.raises(
        SkippedError,
        match=r"^skipped: EDV.FARM_H was loaded before what it is made from; load it again first$",
    ):
        two.run("EDV", "FLD_HS")
    assert count(two, "farm_hs") == 0


def test_a_hub_of_which_every_staging_table_failed_is_skipped_with_the_root_cause(two: World) -> None:
    two.changes(farm_rows(3, acres=None))
    with pytest.raises(DatamartError, match="acres"):
        two.run("STG", "FARM")
    with pytest.raises(
        SkippedError, match=r"^skipped: STG.FARM failed: .*\[missing: STG.FARM \(Failed\), STG.FIELD"
    ):
        two.run("EDV", "FARM_H")


def test_a_used_table_that_holds_another_run_by_now_is_loaded_again_first(two: World) -> None:
    two.run("STG", "FARM")
    two.changes(farm_rows(2), day="2025-03-02")
    two.run("STG", "FARM", day="2025-03-02")
    with pytest.raises(
        SkippedError, match=r"^skipped: STG.FARM holds the load of CARS incremental 2025-03-02"
    ):
        two.run("EDV", "FARM_H")
