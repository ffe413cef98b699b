"""U becomes UN where the mapping of all codes is then right, and in the vault only when staging maps it."""

from pathlib import Path

import pytest
from fixes import fix, left
from trees import HUB, INCREMENTAL, put

CDC = "FROM `fsa-{env}-cars-cdc`.`farm` AS d\nWHERE d.x = 'U'\n"
MAPPED = "CASE WHEN d.op = 'U' THEN 'UN' ELSE COALESCE(d.op, 'I') END"
INITIAL = "STG/FARM/initial/FARM.sql"


@pytest.fixture
def tree(small: Path) -> Path:
    """The small tree whose staging has an operation code."""
    put(small, "DDL/CARS_STG/1_FARM.sql", "CREATE TABLE cars_stg.farm (farm_id bigint, cdc_oper_cd varchar);")
    put(
        small,
        INITIAL,
        f"SELECT d.id AS farm_id, {MAPPED} AS cdc_oper_cd FROM `fsa-{{env}}-cars`.`farm` AS d\n",
    )
    put(small, INCREMENTAL, staged(MAPPED))
    return small


def staged(code: str) -> str:
    return f"SELECT d.id AS farm_id, {code} AS cdc_oper_cd\n{CDC}"


def compared(condition: str) -> str:
    return (
        "INSERT INTO edv.farm_h (farm_id)\nSELECT s.farm_id FROM cars_stg.farm AS s\n"
        f"WHERE {condition} AND 'U' <> 'V' -- 'U'\nON CONFLICT DO NOTHING;\n"
    )


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("d.op", MAPPED),
        ("op", "CASE WHEN op = 'U' THEN 'UN' ELSE COALESCE(op, 'I') END"),
        ("COALESCE( d.op,  'I' )", "CASE WHEN d.op = 'U' THEN 'UN' ELSE COALESCE( d.op,  'I' ) END"),
        (
            "CASE WHEN d.op = 'U' THEN 'U' ELSE COALESCE(d.op, 'I') END",
            "CASE WHEN d.op = 'U' THEN 'UN' ELSE COALESCE(d.op, 'I') END",
        ),
        (
            "CASE d.op WHEN 'D' THEN 'D' WHEN 'U' THEN 'U' ELSE 'I' END",
            "CASE d.op WHEN 'D' THEN 'D' WHEN 'U' THEN 'UN' ELSE 'I' END",
        ),
    ],
)
def test_staging_maps_the_code(tree: Path, written: str, expected: str) -> None:
    put(tree, INCREMENTAL, staged(written))
    plan = fix(tree)
    assert (tree / INCREMENTAL).read_text() == staged(expected)
    assert plan.left == ()


@pytest.mark.parametrize(
    "written",
    [
        "d.kind",
        "UPPER(d.op)",
        "CASE WHEN d.op = 'D' THEN 'U' ELSE d.op END",
        "CASE WHEN d.op = 'U' AND d.x > 1 THEN 'U' ELSE d.op END",
        "COALESCE(d.op, 'D')",
        "'X'",
    ],
)
def test_a_code_that_is_made_in_another_way_is_left(tree: Path, written: str) -> None:
    put(tree, INCREMENTAL, staged(written))
    plan = fix(tree)
    assert (tree / INCREMENTAL).read_text() == staged(written)
    assert len(left(plan, "operations")) == 1


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("s.cdc_oper_cd IN ('I', 'U')", "s.cdc_oper_cd IN ('I', 'UN')"),
        ("s.cdc_oper_cd = 'U'", "s.cdc_oper_cd = 'UN'"),
        ("s.cdc_oper_cd <> 'U'", "s.cdc_oper_cd <> 'UN'"),
    ],
)
def test_a_comparison_changes_when_staging_maps_the_code(tree: Path, written: str, expected: str) -> None:
    put(tree, HUB, compared(written))
    put(tree, INCREMENTAL, staged("d.op"))
    fix(tree)
    assert (tree / HUB).read_text() == compared(expected)


def test_a_comparison_is_left_while_staging_may_hold_u(tree: Path) -> None:
    put(tree, HUB, compared("s.cdc_oper_cd IN ('I', 'U')"))
    put(tree, INCREMENTAL, staged("UPPER(d.op)"))
    plan = fix(tree)
    assert (tree / HUB).read_text() == compared("s.cdc_oper_cd IN ('I', 'U')")
    assert any("staging of FARM does not map U to UN" in one for one in left(plan, "operations"))


@pytest.mark.parametrize("written", ["s.cdc_oper_cd IN ('U', 'UN')", "s.cdc_oper_cd = 'X'"])
def test_a_list_that_has_un_already_and_another_code_are_left(tree: Path, written: str) -> None:
    put(tree, HUB, compared(written))
    plan = fix(tree)
    assert (tree / HUB).read_text() == compared(written)
    assert len(left(plan, "operations")) == 1
