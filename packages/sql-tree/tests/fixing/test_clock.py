# ruff: noqa: E501 - one script is one line
"""The clock becomes a token where its date is read or its time is stored; everywhere else it is left, with the reason."""

from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest
from fixes import fix, left
from trees import HUB, INCREMENTAL, INITIAL, put

from datamart_exec.tokens import bind, values

DAY, STAMP = "DATE '{ETL_START_DATE}'", "TIMESTAMP '{ETL_START_TIMESTAMP}'"


@pytest.fixture
def hub(small: Path) -> Path:
    """The small tree with a hub that has a date, a timestamp and a text."""
    put(
        small,
        "DDL/EDV/1_FARM.sql",
        "CREATE TABLE edv.farm_h (farm_id bigint, load_dt timestamp, seen date, note varchar(40));\n"
        "CREATE TABLE edv.farm_hs (farm_id bigint);\n",
    )
    return small


def insert(values: str, rest: str = "", columns: str = "farm_id, load_dt, seen, note") -> str:
    return f"INSERT INTO edv.farm_h ({columns})\nSELECT {values}\nFROM cars_stg.farm AS s {rest}\nON CONFLICT DO NOTHING;\n"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("1, now(), CURRENT_DATE, 'x'", f"1, {STAMP}, {DAY}, 'x'"),
        ("1, CURRENT_TIMESTAMP(3), now()::date, 'now()'", f"1, {STAMP}, {DAY}, 'now()'"),
        ("1, getdate(), CAST(CURRENT_TIMESTAMP AS date), 'x'", f"1, {STAMP}, {DAY}, 'x'"),
        ("1, SYSDATE, TRUNC(SYSDATE), 'x'", f"1, {STAMP}, {DAY}, 'x'"),
        ("1, 'today'::timestamp, 'now'::date, 'today'", f"1, {STAMP}, {DAY}, 'today'"),
        ("1, CAST('now' AS timestamp), DATE 'today', 'x'", f"1, {STAMP}, {DAY}, 'x'"),
        ("1, COALESCE(NULL, now()), now(), 'x'", f"1, COALESCE(NULL, {STAMP}), {DAY}, 'x'"),
        ("1, NULL, 'tomorrow'::date - 1, 'x'", f"1, NULL, ({DAY} + 1) - 1, 'x'"),
        (
            "1, date_trunc('day', now()), NULL, to_char(now(), 'YYYYMMDD')",
            f"1, date_trunc('day', {STAMP}), NULL, to_char({STAMP}, 'YYYYMMDD')",
        ),
        ("1, NULL, NULL, extract(YEAR FROM now())::text", f"1, NULL, NULL, extract(YEAR FROM {STAMP})::text"),
        (
            "1, CASE WHEN s.farm_id > 1 THEN now() END, NULL, 'x'",
            f"1, CASE WHEN s.farm_id > 1 THEN {STAMP} END, NULL, 'x'",
        ),
        (
            "1, NULL, NULL, age(DATE '2001-01-01')::text",
            f"1, NULL, NULL, age({STAMP}, DATE '2001-01-01')::text",
        ),
    ],
)
def test_a_stored_time_or_a_date_becomes_the_token_of_its_type(
    hub: Path, written: str, expected: str
) -> None:
    put(hub, HUB, insert(f"/* now() */ {written} -- CURRENT_DATE"))
    plan = fix(hub)
    assert (hub / HUB).read_text() == insert(f"/* now() */ {expected} -- CURRENT_DATE")
    assert plan.left == ()


def test_a_date_is_read_in_any_place_a_time_of_day_only_where_it_is_stored(hub: Path) -> None:
    put(hub, HUB, insert("1, NULL, NULL, 'x'", "WHERE s.farm_id < 9 AND CURRENT_DATE > DATE '2001-01-01'"))
    fix(hub)
    assert f"AND {DAY} > DATE '2001-01-01'" in (hub / HUB).read_text()


@pytest.mark.parametrize(
    ("values", "rest"),
    [
        ("1, NULL, NULL, 'x'", "WHERE TIMESTAMP '2001-01-01' < now()"),
        ("1, NULL, NULL, now()::text", ""),
        ("1, NULL, NULL, to_char(now(), 'HH24MISS')", ""),
        ("1, NULL, NULL, now()", ""),
        ("1, now() - INTERVAL '1 hour', NULL, 'x'", ""),
        ("1, now() AT TIME ZONE 'UTC', NULL, 'x'", ""),
        ("1, CASE WHEN now() > TIMESTAMP '2001-01-01' THEN NULL END, NULL, 'x'", ""),
        ("1, NULL, NULL, CURRENT_TIME::text", ""),
        ("1, NULL, NULL, timeofday()", ""),
        ("1, NULL, NULL, MD5(now()::text)", ""),
        ("1, (SELECT MAX(t) FROM (SELECT now() AS t) q WHERE q.t > TIMESTAMP '2001-01-01'), NULL, 'x'", ""),
    ],
)
def test_a_time_of_day_that_is_more_than_stored_is_left_with_a_reason(
    hub: Path, values: str, rest: str
) -> None:
    before = insert(values, rest)
    put(hub, HUB, before)
    plan = fix(hub)
    assert (hub / HUB).read_text() == before
    assert [one.split(": ")[0] for one in left(plan, "clock")] == [f"{HUB}:{3 if rest else 2}"]


def test_a_value_is_followed_through_queries_to_the_column_that_stores_it(hub: Path) -> None:
    named = "WITH c AS (SELECT s.farm_id, now() AS at FROM cars_stg.farm AS s)\n"
    put(
        hub,
        HUB,
        f"{named}INSERT INTO edv.farm_h (farm_id, load_dt) SELECT c.farm_id, c.at FROM c ON CONFLICT DO NOTHING",
    )
    fix(hub)
    assert f"{STAMP} AS at" in (hub / HUB).read_text()
    star = (
        "INSERT INTO edv.farm_h (farm_id, load_dt)\n(SELECT q.* FROM (SELECT s.farm_id, now() AS at FROM"
        " cars_stg.farm AS s) AS q\nLEFT JOIN edv.farm_h AS h ON h.farm_id = q.farm_id WHERE h.farm_id IS NULL)"
    )
    put(hub, HUB, star)
    fix(hub)
    assert (hub / HUB).read_text() == star.replace("now()", STAMP)


def test_a_query_column_that_has_no_name_but_the_clock_is_left(hub: Path) -> None:
    text = 'INSERT INTO edv.farm_h (farm_id, seen) SELECT 1, q."current_date" FROM (SELECT CURRENT_DATE FROM cars_stg.farm AS s) AS q ON CONFLICT DO NOTHING'
    put(hub, HUB, text)
    plan = fix(hub)
    assert (hub / HUB).read_text() == text
    assert "it names a column of a query" in left(plan, "clock")[0]


def test_without_the_type_of_its_column_a_time_is_left(hub: Path) -> None:
    put(hub, "DDL/EDV/1_FARM.sql", "CREATE TABLE edv.farm_hs (farm_id bigint);")
    text = insert("1, now()", columns="farm_id, load_dt")
    put(hub, HUB, text)
    assert len(left(fix(hub), "clock")) == 1
    assert (hub / HUB).read_text() == text


def test_a_type_that_the_ddl_changes_is_not_known(hub: Path) -> None:
    text = insert("1, now()", columns="farm_id, load_dt")
    put(hub, HUB, text)
    put(hub, "DDL/EDV/2_FARM.sql", "ALTER TABLE edv.farm_h ALTER COLUMN load_dt TYPE varchar(40);")
    assert len(left(fix(hub), "clock")) == 1
    assert (hub / HUB).read_text() == text


def test_what_an_update_sets_is_stored_and_what_it_compares_is_not(hub: Path) -> None:
    put(
        hub,
        "DDL/EDV/1_FARM.sql",
        "CREATE TABLE edv.farm_h (farm_id bigint); CREATE TABLE edv.farm_hs (farm_id bigint, load_end_dt timestamp);",
    )
    update = "UPDATE edv.farm_hs AS v SET load_end_dt = {set} WHERE v.load_end_dt > {compared}"
    put(hub, "EDV/FARM_HS/1_DV_UPDATE.sql", update.format(set="now()", compared="now()"))
    put(hub, "EDV/FARM_HS/2_DV_INSERT.sql", "DELETE FROM edv.farm_hs;")
    assert len(left(fix(hub), "clock")) == 1
    text = (hub / "EDV/FARM_HS/1_DV_UPDATE.sql").read_text()
    assert text == update.format(set=STAMP, compared="now()")


def test_a_default_of_the_ddl_is_left(hub: Path) -> None:
    ddl = "CREATE TABLE edv.farm_h (farm_id bigint, load_dt timestamp DEFAULT now()); CREATE TABLE edv.farm_hs (farm_id bigint);"
    put(hub, "DDL/EDV/1_FARM.sql", ddl)
    plan = fix(hub)
    assert (hub / "DDL/EDV/1_FARM.sql").read_text() == ddl
    assert "a default of the DDL" in left(plan, "clock")[0]


def test_spark_takes_tokens_in_its_own_spelling(hub: Path) -> None:
    put(hub, "DDL/CARS_STG/1_FARM.sql", "CREATE TABLE cars_stg.farm (farm_id bigint, load_dt timestamp);")
    select = "SELECT d.id AS farm_id, {now} AS load_dt\nFROM `fsa-{{env}}-cars{zone}`.`farm` AS d{where}\n"
    put(hub, INITIAL, select.format(now="current_timestamp()", zone="", where=""))
    where = "\nWHERE d.dart_filedate = {day}"
    put(hub, INCREMENTAL, select.format(now="now()", zone="-cdc", where=where.format(day="current_date()")))
    fix(hub)
    stamp = "CAST('{ETL_START_TIMESTAMP}' AS TIMESTAMP)"
    assert (hub / INITIAL).read_text() == select.format(now=stamp, zone="", where="")
    assert (hub / INCREMENTAL).read_text() == select.format(
        now=stamp, zone="-cdc", where=where.format(day=DAY)
    )


def test_a_fixed_script_stores_what_the_tokens_of_the_run_are_bound_to(hub: Path, database: Any) -> None:
    """On the day of the run both scripts store the same dates, and the stored time is the start of that day."""
    written = insert("1, now(), CURRENT_DATE, (CURRENT_DATE - 3)::text || age(DATE '2001-01-01')::text")
    put(hub, HUB, written)
    fix(hub)
    with psycopg.connect(database.dsn) as conn:
        conn.execute("CREATE SCHEMA edv; CREATE SCHEMA cars_stg")
        for name in ("DDL/EDV/1_FARM.sql", "DDL/CARS_STG/1_FARM.sql"):
            conn.execute((hub / name).read_bytes())
        conn.execute("INSERT INTO cars_stg.farm VALUES (1)")
        today: date = conn.execute("SELECT CURRENT_DATE").fetchone()[0]  # type: ignore[index]
        conn.execute(written.encode())
        before = conn.execute("SELECT load_dt::date, seen, note FROM edv.farm_h").fetchall()
        conn.execute("DELETE FROM edv.farm_h")
        conn.execute(bind(HUB, (hub / HUB).read_text(), values(today, "dev")).encode())
        after = conn.execute("SELECT load_dt::date, seen, note FROM edv.farm_h").fetchall()
        assert after == before
        assert conn.execute("SELECT load_dt = CURRENT_DATE FROM edv.farm_h").fetchone() == (True,)
