"""What a statement cannot mean: each kind is found where it is, and its right spelling is not."""

from pathlib import Path

import psycopg
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


SOURCE = "SELECT f.name AS n, coalesce(f.name, '') AS c, f.farm_id FROM cars_stg.farm AS f"


@pytest.mark.parametrize(
    ("query", "at"),
    [
        (f"SELECT md5(q.n || '~') FROM ({SOURCE}) AS q", 8),
        (f"WITH q AS ({SOURCE}) SELECT MD5 ( q.n || '~' ) FROM q", None),
        ("WITH q(n) AS (SELECT f.name FROM cars_stg.farm f) SELECT md5(q.n || '~') FROM q", 58),
        ("SELECT md5(q.t) FROM (SELECT f.name || '~' AS t FROM cars_stg.farm f) q", 8),
        ("SELECT md5(q.name || '~') FROM (SELECT f.* FROM cars_stg.farm f) q", 8),
        (f"SELECT md5(q.c || '~') FROM ({SOURCE} UNION ALL SELECT '', name, 1 FROM cars_stg.farm) AS q", 8),
        ("SELECT l.k FROM cars_stg.farm s CROSS JOIN LATERAL (SELECT md5(s.name || '~') AS k) AS l", 60),
        ("SELECT pg_catalog.md5(s.name || '~') FROM cars_stg.farm s", 8),
        ("SELECT encode(sha256((s.name || '~')::bytea), 'hex') FROM cars_stg.farm s", 15),
        (f"SELECT md5(q.c || '~') FROM ({SOURCE}) AS q", 0),
        (f"WITH q AS ({SOURCE}) SELECT md5(q.c || q.farm_id::text) FROM q", 0),
        ("SELECT md5(s.name || '~') FROM cars_stg.farm s WHERE s.name IS NOT NULL AND s.nbr > 1", 0),
        ("SELECT md5(q.x) FROM (SELECT string_agg(s.name, ',') AS x FROM cars_stg.farm s) AS q", 0),
    ],
)
def test_a_hash_is_followed_through_subqueries(hub: Path, query: str, at: int | None) -> None:
    put(hub, HUB, f"INSERT INTO edv.farm_h (farm_id)\n{query}\nON CONFLICT DO NOTHING")
    column = query.upper().index("MD5") + 1 if at is None else at
    assert found(hub) == ([f"null-hash {HUB}:2:{column}"] if column else [])


def test_a_hash_is_followed_through_a_temporary_table_of_an_earlier_script(hub: Path) -> None:
    put(hub, "EDV/FARM_H/1_NEW.sql", f"CREATE TEMP TABLE new ON COMMIT DROP AS {SOURCE}")
    put(
        hub,
        HUB,
        "INSERT INTO edv.farm_h (farm_id) SELECT md5(n.n || n.c) FROM new AS n ON CONFLICT DO NOTHING",
    )
    assert found(hub) == [f"null-hash {HUB}:1:41"]


@pytest.mark.parametrize(
    ("condition", "is_found"),
    [
        ("'U' = s.cdc_oper_cd", True),
        ("UPPER(s.cdc_oper_cd) = 'U'", True),
        ("s.cdc_oper_cd = ANY (ARRAY['I', 'U'])", True),
        ("s.cdc_oper_cd IS DISTINCT FROM 'U'", True),
        ("CASE s.cdc_oper_cd WHEN 'U' THEN TRUE END", True),
        ("COALESCE(s.cdc_oper_cd, 'I') IN ('up')", True),
        ("(s.cdc_oper_cd)::text = 'U'::text", True),
        ("s.cdc_oper_cd = ANY (ARRAY['I', 'UN', 'D'])", False),
        ("COALESCE(s.cdc_oper_cd, '') <> ''", False),
        ("s.cdc_oper_cd = (SELECT max(t.name) FROM cars_stg.farm t WHERE t.name = 'U')", False),
    ],
)
def test_a_code_is_compared_in_every_spelling(hub: Path, condition: str, is_found: bool) -> None:
    columns = "farm_id bigint NOT NULL, name varchar, nbr int, d date, cdc_oper_cd text"
    put(hub, "DDL/CARS_STG/1_FARM.sql", f"CREATE TABLE cars_stg.farm ({columns});")
    for run_type, source in (("initial", FINAL), ("incremental", CDC)):
        staged = f"SELECT d.a AS farm_id, d.b AS name, d.c AS nbr, d.d AS d, 'I' AS cdc_oper_cd FROM {source}"
        put(hub, f"STG/FARM/{run_type}/FARM.sql", staged)
    put(hub, HUB, insert("s.name", f"WHERE\n{condition}"))
    assert found(hub) == ([f"unmapped-operation {HUB}:4:1"] if is_found else [])


@pytest.mark.parametrize(
    ("literal", "is_found"),
    [
        ("'70000'::smallint", True),
        ("CAST(300000 AS smallint)", True),
        ("'12345678901234567890'::bigint", True),
        ("'123.45'::numeric(3,2)", True),
        ("9.995::numeric(3,2)", True),  # rounds to 10.00
        ("'maybe'::boolean", True),
        ("DATE '2001'", True),
        ("'31/12/2025'::date", True),
        ("TIMESTAMP '2025-02-28 25:00:00'", True),
        ("'24:00:01'::time", True),
        ("'a0eebc99'::uuid", True),
        ("'{bad'::jsonb", True),
        ("'-32768'::smallint", False),
        ("'0x1F'::int", False),
        ("'9.994'::numeric(3,2)", False),
        ("'of'::boolean", False),
        ("'January 8, 1999'::date", False),
        ("'2025-02-28 24:00:00'::timestamp", False),
        ("'04:05 PM'::time", False),
        ("'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid", False),
    ],
)
def test_literals_are_judged_as_postgres_does(
    hub: Path, vault_server: str, literal: str, is_found: bool
) -> None:
    with psycopg.connect(vault_server) as conn:
        if is_found:
            with pytest.raises(psycopg.DataError):
                conn.execute(f"SELECT {literal}".encode())
        else:
            conn.execute(f"SELECT {literal}".encode())
    put(hub, HUB, f"DELETE FROM edv.farm_h WHERE\n{literal} IS NOT NULL")
    assert found(hub) == ([f"bad-literal {HUB}:2:1"] if is_found else [])


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        (
            "CREATE TEMP TABLE x AS SELECT farm_id FROM cars_stg.farm;"
            " INSERT INTO edv.farm_h (farm_id) SELECT farm_id FROM x",
            True,
        ),
        (
            "INSERT INTO edv.farm_h (farm_id) SELECT s.farm_id + (SELECT max(h.farm_id) FROM edv.farm_h h)"
            " FROM cars_stg.farm s",
            True,
        ),
        (
            "WITH i AS (INSERT INTO edv.farm_h (farm_id) SELECT farm_id FROM cars_stg.farm RETURNING 1)"
            " SELECT count(*) FROM i",
            True,
        ),
        (
            "CREATE TEMP TABLE x ON COMMIT DROP AS SELECT farm_id FROM cars_stg.farm;"
            " DELETE FROM x USING edv.farm_h h WHERE h.farm_id = x.farm_id; INSERT INTO edv.farm_h (farm_id) TABLE x",
            False,
        ),
        (
            "INSERT INTO edv.farm_h (farm_id) SELECT s.farm_id FROM cars_stg.farm s"
            " WHERE s.farm_id > (SELECT max(h.farm_id) FROM edv.farm_h h)",
            False,
        ),
    ],
)  # fmt: skip
def test_an_insert_looks_at_rows_only_where_it_keeps_some_out(small: Path, text: str, is_found: bool) -> None:
    put(small, HUB, text)
    assert [line.split()[0] for line in found(small)] == (["not-idempotent"] if is_found else [])
