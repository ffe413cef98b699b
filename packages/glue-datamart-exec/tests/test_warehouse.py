# ruff: noqa: E501 - one case is one line
"""Vault and marts: one transaction for all scripts of a table, requirements, and repeated runs."""

from __future__ import annotations

import json

import pytest
from harness import CONFIG_BUCKET, DAY, HUB, SATELLITE, World, farm_rows, log_lines

from datamart_exec.errors import DatamartError, SkippedError


@pytest.fixture
def staged(world: World) -> World:
    """A world whose staging table is loaded and whose hub requires it."""
    world.changes(farm_rows(3))
    world.warehouse("FARM_H", HUB, requires=["STG.FARM"])
    world.release()
    world.run("STG", "FARM")
    return world


def failing(world: World, table: str, layer: str = "EDV") -> str:
    with pytest.raises(DatamartError) as caught:
        world.run(layer, table)
    assert len(str(caught.value)) <= 400
    return str(caught.value)


def test_all_scripts_of_a_table_run_in_order_and_are_recorded(staged: World) -> None:
    staged.warehouse(
        "FARM_HS", "DELETE FROM edv.farm_hs;", SATELLITE, "UPDATE edv.farm_hs SET farm_nm = 'x';"
    )
    staged.release()
    staged.run("EDV", "FARM_HS")
    assert staged.rows("SELECT DISTINCT farm_nm, load_dt::text FROM edv.farm_hs") == [
        ("x", f"{DAY} 00:00:00")
    ]
    assert staged.ledger("FARM_HS") == [("Complete", 6, None)]


def test_a_script_that_fails_takes_back_those_before_it(staged: World) -> None:
    staged.run("EDV", "FARM_H")
    staged.warehouse("FARM_HS", SATELLITE, "INSERT INTO edv.farm_h VALUES (md5('0'), '2025-01-01');")
    staged.release()
    message = failing(staged, "FARM_HS")
    assert message.startswith(
        "EDV/FARM_HS/2_STEP.sql, statement 1 (line 1): duplicate key value violates unique"
    )
    assert "SQLSTATE 23505" in message
    assert "cfcd2084" not in message  # the row of DETAIL
    assert staged.rows("SELECT count(*) FROM edv.farm_hs") == [(0,)]
    assert staged.ledger("FARM_HS") == [("Failed", None, message)]


def test_the_same_run_again_changes_nothing_and_says_so(
    staged: World, capsys: pytest.CaptureFixture[str]
) -> None:
    staged.warehouse("FARM_HS", SATELLITE, requires=["STG.FARM"])
    staged.release()
    for _ in range(2):
        staged.run("EDV", "FARM_HS")
    assert staged.rows("SELECT count(*) FROM edv.farm_hs") == [(3,)]
    assert "already loaded, nothing changed" in [
        line["message"] for line in log_lines(capsys.readouterr().out)
    ]


def test_staging_with_other_rows_makes_the_same_run_load_again(staged: World) -> None:
    staged.run("EDV", "FARM_H")
    staged.changes(farm_rows(5), name="late")
    staged.run("STG", "FARM")
    staged.run("EDV", "FARM_H")
    assert staged.rows("SELECT count(*) FROM edv.farm_h") == [(5,)]
    assert [row[0] for row in staged.ledger("FARM_H")] == ["Complete", "Complete"]


def test_a_table_whose_requirement_failed_is_skipped_with_the_root_cause(staged: World) -> None:
    staged.warehouse("FARM_H", "INSERT INTO edv.farm_h SELECT 1/0, NULL;", requires=["STG.FARM"])
    staged.warehouse("FARM_HS", SATELLITE, requires=["EDV.FARM_H"])
    staged.warehouse("FARM_LS", SATELLITE, requires=["EDV.FARM_HS"])
    staged.release()
    root = failing(staged, "FARM_H")
    for table, missing in (("FARM_HS", "EDV.FARM_H (Failed)"), ("FARM_LS", "EDV.FARM_HS (Skipped)")):
        with pytest.raises(SkippedError) as caught:
            staged.run("EDV", table)
        assert str(caught.value) == f"skipped: EDV.FARM_H failed: {root} [missing: {missing}]"
        assert staged.ledger(table) == [("Skipped", None, f"EDV.FARM_H failed: {root}")]
    assert staged.rows("SELECT count(*) FROM edv.farm_hs") == [(0,)]


def test_staging_of_another_day_does_not_count_as_loaded(staged: World) -> None:
    with pytest.raises(
        SkippedError, match=r"^skipped: STG.FARM holds the load of CARS incremental 2025-03-01, not of"
    ):
        staged.run("EDV", "FARM_H", day="2025-03-02")


def test_marts_find_their_schema(world: World) -> None:
    world.execute("CREATE SCHEMA car_dm_stg; CREATE TABLE car_dm_stg.acres (n integer)")
    world.warehouse("ACRES", "INSERT INTO acres SELECT 1;", layer="CAR_DM")
    world.release()
    world.run("CAR_DM", "ACRES")
    assert world.rows("SELECT n FROM car_dm_stg.acres") == [(1,)]


def test_several_statements_share_a_temporary_table(world: World) -> None:
    script = """
    -- the ; in here and in 'a;b' separates nothing
    CREATE TEMP TABLE affected ON COMMIT DROP AS SELECT 'a;b'::text AS id;
    INSERT INTO edv.farm_h SELECT id, TIMESTAMP '{ETL_START_TIMESTAMP}' FROM affected;
    """
    world.warehouse("FARM_H", script)
    world.release()
    world.run("EDV", "FARM_H")
    assert world.rows("SELECT farm_h_id FROM edv.farm_h") == [("a;b",)]


def test_times_do_not_depend_on_the_settings_of_server_or_user(world: World) -> None:
    world.execute(
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET TimeZone TO ''Asia/Tokyo''', current_database());"
        " EXECUTE format('ALTER DATABASE %I SET DateStyle TO ''SQL, DMY''', current_database()); END $$"
    )
    world.warehouse(
        "FARM_H", "INSERT INTO edv.farm_h SELECT TIMESTAMPTZ '2025-03-01 00:00:00+00'::text, '2025-03-04';"
    )
    world.release()
    world.run("EDV", "FARM_H")
    assert world.rows("SELECT farm_h_id, to_char(load_dt, 'YYYY-MM-DD') FROM edv.farm_h") == [
        ("2025-03-01 00:00:00+00", "2025-03-04")
    ]


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("", "EDV/FARM_H/1_STEP.sql holds no statement; delete the file or write one"),
        (" -- only a comment\n;", "EDV/FARM_H/1_STEP.sql holds no statement"),
        ("INSERT INTO edv.farm_h SELEC 1;", "EDV/FARM_H/1_STEP.sql, statement 1 (line 1) cannot be parsed as Postgres"),
        ("SELECT 1;\nSELECT 'open", "EDV/FARM_H/1_STEP.sql cannot be parsed as Postgres SQL"),
        ("SELECT 1;\nINSERT INTO edv.farm_h VALUES ('{NOPE}');", "EDV/FARM_H/1_STEP.sql, line 2: unknown token {NOPE}; known"),
        ("COMMIT;", "COMMIT is refused, the whole table is one transaction"),
        ("DO $$ BEGIN END $$;", "DO is not a statement of a table's load"),
        ("INSERT INTO edv.farm_h VALUES ('a', now());", "is the wall clock, a replay would load something else"),
        ("INSERT INTO edv.farm_h VALUES ('a', CURRENT_TIMESTAMP);", "CURRENT_TIMESTAMP is the wall clock"),
        ("INSERT INTO edv.farm_h SELECT clock_timestamp()::text;", "CLOCK_TIMESTAMP is the wall clock"),
        ("INSERT INTO edv.farm_h SELECT 'today'::date::text;", "'today' is the wall clock"),
        ("INSERT INTO edv.farm_h SELECT age(timestamp '2001-02-03')::text;", "AGE is the wall clock"),
        ("SELECT 1;\n\nINSERT INTO edv.nowhere\nSELECT 1;", "statement 2 (line 3): relation \"edv.nowhere\" does not exist"),
        ("INSERT INTO edv.farm_h\nSELECT 'x',\n nope FROM edv.farm_h;", "line 3 of the statement"),
    ],
)  # fmt: skip
def test_a_bad_script_is_named_with_its_place(world: World, script: str, expected: str) -> None:
    world.warehouse("FARM_H", script)
    world.release()
    message = failing(world, "FARM_H")
    assert expected in message
    assert world.ledger("FARM_H") == [("Failed", None, message)]


def test_an_unknown_table_is_named_with_the_known_ones(world: World) -> None:
    world.warehouse("FARM_H", HUB)
    world.release()
    assert failing(world, "NOPE").startswith("unknown table NOPE in layer EDV of release ")
    assert failing(world, "NOPE").endswith("; the release has FARM_H")


def test_table_names_are_found_in_any_case(staged: World) -> None:
    staged.run("EDV", "farm_h")
    assert staged.ledger("FARM_H") == [("Complete", 3, None)]


def test_a_script_that_was_changed_after_the_release_is_refused(staged: World) -> None:
    release = staged.release()
    staged.put(f"{staged.app}/_configs/releases/{release}/EDV/FARM_H/1_STEP.sql", b"DELETE FROM edv.farm_h;")
    message = failing(staged, "FARM_H")
    assert f"EDV/FARM_H/1_STEP.sql is not what release {release} contains" in message


def test_a_pinned_release_is_used_even_when_another_is_current(staged: World) -> None:
    pinned = staged.release()
    staged.warehouse("FARM_H", "INSERT INTO edv.farm_h SELECT 'other', '2025-01-01';")
    staged.release()
    staged.run("EDV", "FARM_H", release=pinned)
    assert staged.rows("SELECT count(*) FROM edv.farm_h") == [(3,)]


def test_a_lock_held_by_another_session_ends_within_the_lock_timeout(staged: World) -> None:
    import psycopg

    with psycopg.connect(staged.dsn) as other:
        other.execute("LOCK TABLE edv.farm_h")
        with pytest.raises(DatamartError, match=r"lock timeout.*raise --lock_timeout_ms"):
            staged.run("EDV", "FARM_H", lock_timeout_ms="200")


def test_a_statement_that_takes_too_long_ends_within_its_timeout(staged: World) -> None:
    staged.warehouse("FARM_H", "INSERT INTO edv.farm_h SELECT pg_sleep(30)::text, '2025-01-01';")
    staged.release()
    with pytest.raises(DatamartError, match=r"statement timeout.*raise --statement_timeout_ms"):
        staged.run("EDV", "FARM_H", statement_timeout_ms="300")


def test_configs_that_were_never_pushed_or_are_damaged_are_named_with_the_way_out(world: World) -> None:
    world.warehouse("FARM_H", HUB)
    release = world.release()
    root = f"{world.app}/_configs"
    world.put(
        f"{root}/releases/{release}/manifest.json", json.dumps({"release": release, "version": 1}).encode()
    )
    assert failing(world, "FARM_H").endswith(
        "is not the manifest of release " + release + "; push the configs again"
    )
    world.s3.delete_object(Bucket=CONFIG_BUCKET, Key=f"{root}/current.json")
    assert f"{root}/current.json: there is no such object; push the configs again" in failing(world, "FARM_H")


def test_an_unexpected_error_is_recorded_as_a_failure_and_keeps_its_cause(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise KeyError("no such key")

    monkeypatch.setattr("datamart_exec.warehouse.load", broken)
    world.warehouse("FARM_H", HUB)
    world.release()
    with pytest.raises(DatamartError, match=r"^unexpected KeyError: 'no such key'$") as caught:
        world.run("EDV", "FARM_H")
    assert isinstance(caught.value.__cause__, KeyError)
    assert world.ledger("FARM_H") == [("Failed", None, str(caught.value))]


@pytest.mark.parametrize("reader", ["DM", "CAR_DM"])
@pytest.mark.parametrize("read", ["DM", "CAR_DM"])
def test_a_mart_loads_after_the_mart_that_it_reads_whatever_the_layer_of_each(
    world: World, read: str, reader: str
) -> None:
    world.execute(
        "CREATE SCHEMA car_dm_stg; CREATE TABLE car_dm_stg.a (n int); CREATE TABLE car_dm_stg.b (n int)"
    )
    world.warehouse("A_DIM", "INSERT INTO car_dm_stg.a VALUES (7);", layer=read)
    summary = "INSERT INTO car_dm_stg.b SELECT n FROM car_dm_stg.a;"
    world.warehouse("B_SUMM", summary, requires=[f"{read}.A_DIM"], layer=reader)
    world.release()
    assert f"{read}.A_DIM has not been loaded" in failing(world, "B_SUMM", reader)
    world.run(read, "A_DIM")
    world.run(reader, "B_SUMM")
    assert world.rows("SELECT n FROM car_dm_stg.b") == [(7,)]
    assert [row[0] for row in world.ledger("B_SUMM")] == ["Skipped", "Complete"]
