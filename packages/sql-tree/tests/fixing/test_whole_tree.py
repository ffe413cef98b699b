# ruff: noqa: E501 - one pair of a spelling and its fix is one line
"""Generated scripts: only what is to be fixed changes, byte for byte, whatever stands around it."""

import shutil
from pathlib import Path

import pytest
from fixes import fix
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from trees import HUB, INCREMENTAL, INITIAL, found, put

from sql_tree.fixing.fix_kinds import OF_CODE
from sql_tree.fixing.plan import plan_fixes

DAY, STAMP = "DATE '{ETL_START_DATE}'", "TIMESTAMP '{ETL_START_TIMESTAMP}'"
Pair = tuple[str, str]  # as it is written, as it must be after the fix

NOISE = st.sampled_from(
    [" ", "\n", "\r\n", "\t", " /* now() MD5(s.x || s.y) 'U' */ ", " -- CURRENT_DATE ' {ETL_DATE} é\n", " -- (\r\n", " /* /* ) */ */ "]
)  # fmt: skip
STAMPS: st.SearchStrategy[Pair] = st.sampled_from(
    [("now()", STAMP), ("CURRENT_TIMESTAMP", STAMP), ("coalesce(NULL, now( ))", f"coalesce(NULL, {STAMP})"), ("NULL", "NULL")]
)  # fmt: skip
DATES: st.SearchStrategy[Pair] = st.sampled_from(
    [("current_date", DAY), ("now()::date", DAY), ("CAST(now() AS DATE)", DAY), ("CURRENT_DATE - 1", f"{DAY} - 1"), ("'today'::date", DAY), (DAY, DAY)]
)  # fmt: skip
TEXTS: st.SearchStrategy[Pair] = st.sampled_from(
    [("'now() || ('", "'now() || ('"), ("E'it\\'s CURRENT_DATE'", "E'it\\'s CURRENT_DATE'"), ("$x$now()'$x$", "$x$now()'$x$"), ('s."now()"', 's."now()"'), ("'{ETL_YEAR}é😀'", "'{ETL_YEAR}é😀'")]
)  # fmt: skip
OPERANDS: st.SearchStrategy[Pair] = st.sampled_from(
    [
        ("s.name", "COALESCE(s.name, '--')"),
        ('s."now()"', "COALESCE(s.\"now()\", '--')"),
        ("UPPER(TRIM(s.name))", "UPPER(COALESCE(TRIM(s.name), '--'))"),
        ("s.nbr", "COALESCE(s.nbr::varchar(32), '-1')"),
        ("CAST(s.nbr AS varchar(9))", "COALESCE(CAST(s.nbr AS varchar(9)), '-1')"),
        ("COALESCE(s.name, ')||(')", "COALESCE(s.name, ')||(')"),
        ("'~~||('", "'~~||('"),
    ]
)
CONDITIONS: st.SearchStrategy[Pair] = st.sampled_from(
    [("s.cdc_oper_cd = 'U'", "s.cdc_oper_cd = 'UN'"), ("s.cdc_oper_cd IN ('I' ,'U')", "s.cdc_oper_cd IN ('I' ,'UN')"), ("(s.name = 'U' OR s.nbr > 0)", "(s.name = 'U' OR s.nbr > 0)")]
)  # fmt: skip


@st.composite
def scripts(draw: st.DrawFn) -> Pair:
    """A hub's INSERT with noise between all its parts, perhaps behind a CTE and a BOM."""

    def space() -> str:
        return draw(NOISE)

    stamp, day, text, condition = draw(STAMPS), draw(DATES), draw(TEXTS), draw(CONDITIONS)
    first, *rest = draw(st.lists(OPERANDS, min_size=1, max_size=4))
    joined: list[Pair] = [("'x'", "'x'"), first, *rest]
    bom = draw(st.sampled_from(["", "\ufeff"]))
    head = f"{bom}{space()}INSERT{space()}INTO edv.farm_h (farm_id, load_dt, seen, note)"
    shared = [space() for _ in range(9)]
    operands = [space() + "||" + space() for _ in joined]

    def written(at: int) -> str:
        hashed = "".join(
            f"{mark if place else ''}{one[at]}"
            for place, (mark, one) in enumerate(zip(operands, joined, strict=True))
        )
        values = f"MD5({shared[0]}{hashed}{shared[1]}) AS k,{shared[2]}{stamp[at]}{shared[3]},{day[at]}{shared[4]}, {text[at]}"
        tail = f"{shared[5]}FROM cars_stg.farm AS s{shared[6]}WHERE{shared[7]}{condition[at]} AND {day[at]} > DATE '2001-01-01'"
        return f"{head}{shared[8]}SELECT {values}{tail} ON CONFLICT DO NOTHING;\r\n"

    return written(0), written(1)


def make(root: Path, script: str) -> None:
    columns = 'farm_id bigint NOT NULL, name varchar, nbr int, "now()" text, cdc_oper_cd varchar'
    put(root, "DDL/CARS_STG/1_FARM.sql", f"CREATE TABLE cars_stg.farm ({columns});")
    ddl = "CREATE TABLE edv.farm_h (farm_id varchar, load_dt timestamp, seen date, note varchar); CREATE TABLE edv.farm_hs (farm_id bigint);"
    put(root, "DDL/EDV/1_FARM.sql", ddl)
    for path, zone in ((INITIAL, "cars"), (INCREMENTAL, "cars-cdc")):
        code = "CASE WHEN d.op = 'U' THEN 'UN' ELSE d.op END AS cdc_oper_cd"
        put(
            root,
            path,
            f"SELECT d.farm_id, d.name, d.nbr, d.`now()`, {code} FROM `fsa-{{env}}-{zone}`.`farm` AS d",
        )
    (root / HUB).write_bytes(script.encode())


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(script=scripts())
def test_a_script_changes_where_it_must_and_nowhere_else(small: Path, script: Pair) -> None:
    before, expected = script
    make(small, before)
    fix(small)
    assert (small / HUB).read_bytes() == expected.encode()
    assert not [line for line in found(small) if line.split(" ")[0] in OF_CODE]


def test_the_committed_tree_has_nothing_to_fix(tree_root: Path) -> None:
    plan = plan_fixes(tree_root)
    assert (plan.fixes, plan.left) == ((), ())


@pytest.mark.parametrize(
    "case",
    ["1_lower_case_names", "2_select_star", "7_null_unsafe_hash_raw_op", "8_unclosed_quote"],
)
def test_shared_cases_are_fixed_without_a_new_finding(
    repository: Path, tree_root: Path, tmp_path: Path, case: str
) -> None:
    source = repository.parent / "shared/cases/sql_tree" / case
    if not source.is_dir():
        pytest.skip(f"{source} is not there")
    tree = tmp_path / "tree"
    shutil.copytree(tree_root, tree, ignore=shutil.ignore_patterns("model"))
    for path in source.rglob("*.*"):  # their modes may be read-only
        put(tree, path.relative_to(source).as_posix(), path.read_text(encoding="utf-8"))
    before = found(tree)
    plan = fix(tree)
    after = found(tree)
    assert len(after) == len(before) - len({problem for one in plan.fixes for problem in one.resolves})
    expected = {"1_lower_case_names": 2, "2_select_star": 1, "7_null_unsafe_hash_raw_op": 3}
    assert len(plan.fixes) == expected.get(case, 0)
