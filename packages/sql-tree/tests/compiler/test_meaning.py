"""What a statement cannot mean: each kind is found where it is, and its right spelling is not."""

from pathlib import Path

import pytest
from trees import HUB, INCREMENTAL, INITIAL, found, put

CDC, FINAL = "`fsa-{env}-cars-cdc`.`farm` AS d", "`fsa-{env}-cars`.`farm` AS d"


@pytest.fixture
def hub(small: Path) -> Path:
    """The small tree with a hub of one hash."""
    put(
        small,
        "DDL/EDV/1_FARM.sql",
        "CREATE TABLE edv.farm_h (farm_id varchar(32)); CREATE TABLE edv.farm_hs (farm_id bigint);",
    )
    put(
        small,
        "DDL/CARS_STG/1_FARM.sql",
        "CREATE TABLE cars_stg.farm (farm_id bigint NOT NULL, name varchar, nbr int, d date);",
    )
    staged = "SELECT d.a AS farm_id, d.b AS name, d.c AS nbr, d.d AS d FROM"
    put(small, INITIAL, f"{staged} {FINAL}")
    put(small, INCREMENTAL, f"{staged} {CDC}")
    return small


def insert(value: str, where: str = "") -> str:
    return f"INSERT INTO edv.farm_h (farm_id)\nSELECT {value}\nFROM cars_stg.farm AS s {where}\nON CONFLICT DO NOTHING"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("MD5(TRIM(s.name) || '~~' || s.nbr)", "null-hash"),
        ("MD5(UPPER(COALESCE(TRIM(s.name), '--')) || '~~' || s.nbr::varchar(32))", "null-hash"),
        ("MD5(COALESCE(s.name, s.nbr::text) || '~~')", "null-hash"),
        ("MD5(s.nbr::varchar(32))", "null-key"),
        ("MD5(UPPER(COALESCE(TRIM(s.name), '--')) || '~~' || COALESCE(s.nbr::varchar(32), '-1'))", None),
        ("MD5(CONCAT(s.name, '~~', s.nbr))", None),
        ("MD5(CONCAT_WS('~~', s.name, s.nbr))", None),
        ("MD5(JSON_BUILD_ARRAY(s.name, s.nbr)::text)", None),
        ("MD5(s.farm_id::text || '~~')", None),
        ("MD5(CASE WHEN s.name IS NULL THEN '-' ELSE s.name END || '~~')", None),
    ],
)
def test_a_hash_that_is_null_when_a_column_is(hub: Path, value: str, expected: str | None) -> None:
    put(hub, HUB, insert(value))
    assert found(hub) == ([f"{expected} {HUB}:2:8"] if expected else [])


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("d.op", "unmapped-operation"),
        ("COALESCE(d.op, 'I')", "unmapped-operation"),
        ("'U'", "unmapped-operation"),
        ("CASE WHEN d.op = 'U' THEN 'UN' ELSE COALESCE(d.op, 'I') END", None),
        ("'I'", None),
    ],
)
def test_an_operation_code_that_staging_does_not_map(small: Path, written: str, expected: str | None) -> None:
    put(small, "DDL/CARS_STG/1_FARM.sql", "CREATE TABLE cars_stg.farm (farm_id bigint, cdc_oper_cd varchar);")
    put(small, INITIAL, f"SELECT d.id AS farm_id, 'I' AS cdc_oper_cd FROM {FINAL}")
    put(small, INCREMENTAL, f"SELECT d.id AS farm_id,\n  {written} AS cdc_oper_cd FROM {CDC}")
    assert [line for line in found(small) if "HS" not in line] == (
        [f"{expected} {INCREMENTAL}:2:3"] if expected else []
    )


def test_a_comparison_with_a_code_that_staging_never_holds(hub: Path) -> None:
    put(
        hub,
        "DDL/CARS_STG/1_FARM.sql",
        "CREATE TABLE cars_stg.farm (farm_id bigint, name varchar, nbr int, d date, cdc_oper_cd text);",
    )
    for run_type, source in (("initial", FINAL), ("incremental", CDC)):
        staged = f"SELECT d.a AS farm_id, d.b AS name, d.c AS nbr, d.d AS d, 'I' AS cdc_oper_cd FROM {source}"
        put(hub, f"STG/FARM/{run_type}/FARM.sql", staged)
    put(hub, HUB, insert("s.name", "WHERE s.cdc_oper_cd IN ('I', 'U')"))
    assert found(hub) == [f"unmapped-operation {HUB}:3:31"]
    put(hub, HUB, insert("s.name", "WHERE s.cdc_oper_cd IN ('I', 'UN') AND s.cdc_oper_cd <> 'D'"))
    assert found(hub) == []


@pytest.mark.parametrize(
    ("written", "is_found"),
    [
        ("DATE '{ETL_START_TIMESTAMP}'", True),
        ("CAST('{ETL_DATE_YYYYMMDD}' AS DATE)", True),
        ("TIMESTAMP '{ETL_YEAR}'", True),
        ("CAST('{ENV}' AS INT)", True),
        ("DATE '2025-02-30'", True),
        ("DATE '{ETL_START_DATE}'", False),
        ("TIMESTAMP '{ETL_END_TIMESTAMP}'", False),
        ("CAST('{ETL_DATE_YYYYMMDD}' AS INT)", False),
    ],
)
def test_a_literal_of_staging_that_its_type_cannot_hold(small: Path, written: str, is_found: bool) -> None:
    put(small, INCREMENTAL, f"SELECT d.id AS farm_id FROM {CDC}\nWHERE d.x = {written}")
    lines = [line.rpartition(":")[0] for line in found(small)]
    assert lines == ([f"bad-literal {INCREMENTAL}:2"] if is_found else [])


@pytest.mark.parametrize(
    ("written", "is_found"),
    [
        ("DATE '2025-02-30'", True),
        ("DATE '{ETL_YEAR}'", True),
        ("'{ENV}'::date", True),
        ("'x'::integer", True),
        ("DATE '{ETL_START_TIMESTAMP}'", False),  # Postgres takes its date
        ("TIMESTAMP 'infinity'", False),
        ("'{ETL_DATE_YYYYMMDD}'::date", False),
    ],
)
def test_a_literal_of_the_vault_that_its_type_cannot_hold(hub: Path, written: str, is_found: bool) -> None:
    put(hub, HUB, insert("s.name", f"WHERE s.d = {written}"))
    assert [line.split()[0] for line in found(hub)] == (["bad-literal"] if is_found else [])


def test_dates_that_initial_and_incremental_exchange(small: Path) -> None:
    put(
        small,
        "DDL/CARS_STG/1_FARM.sql",
        "CREATE TABLE cars_stg.farm (farm_id bigint, load_dt timestamp, cdc_dt date);",
    )
    run, row = "CAST('{ETL_START_TIMESTAMP}' AS TIMESTAMP)", "CAST(d.dart_filedate AS DATE)"
    put(small, INITIAL, f"SELECT d.id AS farm_id, {run} AS load_dt, {row} AS cdc_dt FROM {FINAL}")
    put(small, INCREMENTAL, f"SELECT d.id AS farm_id,\n {row} AS load_dt, {run} AS cdc_dt FROM {CDC}")
    assert found(small) == [f"swapped-dates {INCREMENTAL}:2:2"]
    put(small, INCREMENTAL, f"SELECT d.id AS farm_id,\n {run} AS load_dt, {row} AS cdc_dt FROM {CDC}")
    assert found(small) == []


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("INSERT INTO edv.farm_h (farm_id) SELECT farm_id FROM cars_stg.farm", True),
        ("INSERT INTO edv.farm_h (farm_id) SELECT farm_id FROM cars_stg.farm ON CONFLICT DO NOTHING", False),
        (
            "INSERT INTO edv.farm_h (farm_id) SELECT farm_id FROM cars_stg.farm EXCEPT SELECT farm_id FROM edv.farm_h",
            False,
        ),
        ("DELETE FROM edv.farm_h; INSERT INTO edv.farm_h (farm_id) SELECT farm_id FROM cars_stg.farm", False),
    ],
)
def test_an_insert_that_adds_its_rows_again(small: Path, text: str, is_found: bool) -> None:
    put(small, HUB, text)
    assert found(small) == ([f"not-idempotent {HUB}:1:13"] if is_found else [])


def test_columns_that_the_ddl_lacks_are_found_in_every_clause(small: Path) -> None:
    put(
        small,
        HUB,
        "UPDATE edv.farm_h AS h SET farm_nm = s.farm_id\nFROM cars_stg.farm AS s WHERE s.farmid = h.farm_id",
    )
    assert found(small) == [f"unknown-column {HUB}:1:28", f"unknown-column {HUB}:2:31"]
