# ruff: noqa: E501 - one script is one line
"""A hash gets COALESCE where a column may be NULL; on Postgres every row without NULL keeps its hash, byte for byte."""

from pathlib import Path
from random import Random
from typing import Any

import psycopg
import pytest
from fixes import fix, left
from trees import HUB, INCREMENTAL, INITIAL, put

COLUMNS = {
    "farm_id": "bigint NOT NULL",
    "name": "varchar(20)",
    "code": "char(4)",
    "memo": "text",
    "nbr": "int",
    "acres": "numeric(18,4)",
    "wide": "numeric",
    "ratio": "double precision",
    "d": "date",
}


@pytest.fixture
def hub(small: Path) -> Path:
    """The small tree with a hub of one hash over columns of many types."""
    ddl = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
    put(small, "DDL/CARS_STG/1_FARM.sql", f"CREATE TABLE cars_stg.farm ({ddl});")
    put(
        small,
        "DDL/EDV/1_FARM.sql",
        "CREATE TABLE edv.farm_h (farm_id varchar(64)); CREATE TABLE edv.farm_hs (farm_id bigint);",
    )
    for path, zone in ((INITIAL, "cars"), (INCREMENTAL, "cars-cdc")):
        selected = ", ".join(f"d.{name}" for name in COLUMNS)
        put(small, path, f"SELECT {selected} FROM `fsa-{{env}}-{zone}`.`farm` AS d")
    put(small, "EDV/FARM_HS/1_DV_UPDATE.sql", "DELETE FROM edv.farm_hs;")
    put(small, "EDV/FARM_HS/2_DV_INSERT.sql", "INSERT INTO edv.farm_hs (farm_id) SELECT 1;")
    return small


def insert(value: str, rest: str = "") -> str:
    return f"INSERT INTO edv.farm_h (farm_id)\nSELECT {value}\nFROM cars_stg.farm AS s {rest}\nON CONFLICT DO NOTHING;\n"


CASES = [
    ("MD5(TRIM(s.name) || '~~' || s.nbr)", "MD5(COALESCE(TRIM(s.name), '--') || '~~' || COALESCE(s.nbr::varchar(32), '-1'))"),
    ("MD5(UPPER(TRIM(s.name)))", "MD5(UPPER(COALESCE(TRIM(s.name), '--')))"),
    ("md5( s.code||'~~'||s.memo )", "md5( COALESCE(s.code, '--')||'~~'||COALESCE(s.memo, '--') )"),
    ("MD5(s.nbr::varchar(32))", "MD5(COALESCE(s.nbr::varchar(32), '-1'))"),
    ("MD5(CAST(s.acres AS varchar(32)) || s.code)", "MD5(COALESCE(CAST(s.acres AS varchar(32)), '-1') || COALESCE(s.code, '--'))"),
    ("MD5(s.wide || '~~' || s.acres)", "MD5(COALESCE(s.wide::text, '-1') || '~~' || COALESCE(s.acres::varchar(32), '-1'))"),
    ("MD5(s.ratio || '~~' || s.name)", "MD5(COALESCE(s.ratio::text, '-1') || '~~' || COALESCE(s.name, '--'))"),
    ("MD5(UPPER(s.name || '~~' || LOWER(s.memo)))", "MD5(UPPER(COALESCE(s.name, '--') || '~~' || COALESCE(LOWER(s.memo), '--')))"),
    (
        "MD5(s.farm_id || '~~' || UPPER(COALESCE(TRIM(s.name), '--')) || '~~' || s.memo)",
        "MD5(s.farm_id || '~~' || UPPER(COALESCE(TRIM(s.name), '--')) || '~~' || COALESCE(s.memo, '--'))",
    ),
    ("MD5(/* || */ (s.name || '||' || s.memo))", "MD5(/* || */ (COALESCE(s.name, '--') || '||' || COALESCE(s.memo, '--')))"),
]  # fmt: skip


@pytest.mark.parametrize(("written", "expected"), CASES)
def test_each_operand_that_may_be_null_is_wrapped(hub: Path, written: str, expected: str) -> None:
    put(hub, HUB, insert(written))
    plan = fix(hub)
    assert (hub / HUB).read_text() == insert(expected)
    assert plan.left == ()


@pytest.mark.parametrize(
    ("value", "rest"),
    [
        ("MD5(s.name || '~~' || s.d)", ""),
        ("MD5(s.name || '~~' || (s.nbr + 1))", ""),
        ("MD5(s.name || CASE WHEN s.nbr = 1 THEN s.memo ELSE s.code END)", ""),
        ("MD5(s.name || '~~' || s.memo)", "WHERE MD5(s.name || '~~' || s.memo) IS NOT NULL"),
        ("MD5(x.name || '~~' || x.memo)", "JOIN ebv.other AS x ON x.id = s.farm_id"),
    ],
)
def test_a_hash_that_cannot_be_proven_is_left(hub: Path, value: str, rest: str) -> None:
    put(hub, "metadata/external_tables.csv", "tbl\nfsa-{env}-cars.farm\nfsa-{env}-cars-cdc.farm\nebv.other\n")
    put(hub, HUB, insert(value, rest))
    plan = fix(hub)
    assert (hub / HUB).read_text() == insert(value, rest)
    assert left(plan, "hashes")


def test_rows_without_null_keep_their_hash_and_rows_with_null_get_one(hub: Path, database: Any) -> None:
    written = [case[0] for case in CASES]
    random = Random(7)
    with psycopg.connect(database.dsn) as conn:
        conn.execute("CREATE SCHEMA cars_stg")
        conn.execute((hub / "DDL/CARS_STG/1_FARM.sql").read_bytes())
        for row in [*(_row(random, 0.0) for _ in range(150)), *(_row(random, 0.3) for _ in range(150))]:
            marks = ", ".join(["%s"] * len(COLUMNS))
            conn.execute(f"INSERT INTO cars_stg.farm VALUES ({marks})".encode(), row)
        for before in written:
            put(hub, HUB, insert(before))
            fix(hub)
            after = (hub / HUB).read_text().partition("SELECT ")[2].partition("\nFROM")[0]
            assert after != before
            query = f"SELECT {before}, {after} FROM cars_stg.farm AS s"
            pairs = conn.execute(query.encode()).fetchall()
            assert all(now is not None and old in (None, now) for old, now in pairs), before
            assert any(old is None for old, _ in pairs)
            assert sum(old is not None for old, _ in pairs) >= 150


def _row(random: Random, nulls: float) -> list[object]:
    texts = ["", " a ", "A", "é|~", "--", "x" * 20]
    made: list[object] = [
        random.choice(texts),
        random.choice(["", "ab ", "1234"]),
        random.choice(texts),
        random.choice([0, -1, 2**31 - 1]),
        random.choice(["0", "-99999999999999.9999", "1.5"]),
        random.choice(["0", "1" * 60, "0.0000000000000000000000000000000000000001"]),
        random.choice([0.1, -1e300, 5e-324]),
        "2001-02-03",
    ]
    return [random.randint(1, 2**62), *(None if random.random() < nulls else value for value in made)]
