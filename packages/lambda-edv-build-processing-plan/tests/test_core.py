"""Grouping, scripts, warnings and the answer's size."""

from __future__ import annotations

import json
import random
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edv_build_processing_plan.core import Release, build_plan, check_scripts, foreign, group
from edv_build_processing_plan.errors import BadRelease, EmptyPlan
from edv_build_processing_plan.events import Request
from edv_build_processing_plan.metadata import Dependency, VaultTable

Graph = tuple[list[VaultTable], list[Dependency]]


@st.composite
def acyclic(draw: st.DrawFn) -> Graph:
    """Tables with shuffled ids, needing only tables of a lower rank or ids of other sources."""
    ids = draw(st.lists(st.integers(1, 500), min_size=1, max_size=25, unique=True))
    tables = [VaultTable(own, f"T{rank}_H") for rank, own in enumerate(ids)]
    edges = draw(st.lists(st.tuples(st.integers(0, 24), st.integers(0, 24)), max_size=60))
    needs = [Dependency(ids[a], ids[b], 0) for a, b in edges if b < a < len(ids)]
    foreign_ids = draw(st.lists(st.tuples(st.sampled_from(ids), st.integers(501, 600)), max_size=5))
    return tables, needs + [Dependency(own, other, 0) for own, other in foreign_ids]


@given(acyclic())
def test_everything_a_table_needs_is_in_an_earlier_group(graph: Graph) -> None:
    tables, needs = graph
    level = {name: number for number, names in enumerate(group(tables, needs)) for name in names}
    name_of = {table.id: table.name for table in tables}
    for need in needs:
        if need.requires in name_of:
            assert level[name_of[need.requires]] < level[name_of[need.id]]


@given(acyclic())
def test_no_table_waits_longer_than_it_must(graph: Graph) -> None:
    tables, needs = graph
    level = {name: number for number, names in enumerate(group(tables, needs)) for name in names}
    name_of = {table.id: table.name for table in tables}
    for table in tables:
        before = [level[name_of[n.requires]] for n in needs if n.id == table.id and n.requires in name_of]
        assert level[table.name] == max(before, default=-1) + 1


@given(acyclic())
def test_groups_hold_every_table_once_and_are_sorted(graph: Graph) -> None:
    tables, needs = graph
    groups = group(tables, needs)
    assert sorted(name for names in groups for name in names) == sorted(table.name for table in tables)
    assert all(names and names == sorted(names) for names in groups)


@given(acyclic(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(graph: Graph, shuffler: random.Random) -> None:
    tables, needs = graph
    shuffled_tables, shuffled_needs = [*tables], [*needs, *needs[:3]]
    shuffler.shuffle(shuffled_tables)
    shuffler.shuffle(shuffled_needs)
    assert group(shuffled_tables, shuffled_needs) == group(tables, needs)


@given(acyclic(), st.data())
def test_a_closed_ring_is_always_found(graph: Graph, data: st.DataObject) -> None:
    tables, needs = graph
    ring = data.draw(st.lists(st.sampled_from(tables), min_size=1, max_size=5, unique=True))
    closing = [Dependency(a.id, b.id, 0) for a, b in zip(ring, [*ring[1:], ring[0]], strict=True)]
    with pytest.raises(BadRelease) as caught:
        group(tables, [*needs, *closing])
    cycle = str(caught.value).split("cycle: ")[1].split(";")[0].split(" -> ")
    assert cycle[0] == cycle[-1]
    id_of = {table.name: table.id for table in tables}
    edges = {(need.id, need.requires) for need in [*needs, *closing]}
    assert all((id_of[a], id_of[b]) in edges for a, b in pairwise(cycle))


def test_a_cycle_is_printed_as_a_way_back_to_its_start() -> None:
    tables = [VaultTable(1, "A"), VaultTable(2, "B"), VaultTable(3, "C"), VaultTable(4, "D")]
    needs = [Dependency(1, 2, 0), Dependency(2, 3, 0), Dependency(3, 2, 0), Dependency(4, 1, 0)]
    with pytest.raises(BadRelease, match="has a cycle: B -> C -> B; a table cannot need itself"):
        group(tables, needs)


def test_a_table_that_needs_itself_is_a_cycle() -> None:
    with pytest.raises(BadRelease, match="has a cycle: A -> A;"):
        group([VaultTable(1, "A")], [Dependency(1, 1, 0)])


def test_ids_of_other_sources_are_one_warning() -> None:
    tables = [VaultTable(1, "A"), VaultTable(2, "B")]
    needs = [Dependency(2, 351, 0), Dependency(1, 3, 0), Dependency(1, 351, 0), Dependency(2, 1, 0)]
    assert foreign(tables, needs) == [
        "dv_tbl_dpnds.csv: ids of other sources, taken as loaded: 3, 351 (needed by A, B)"
    ]
    assert foreign(tables, needs[3:]) == []


def test_tables_without_scripts_are_all_named() -> None:
    files = ["STG/A/initial/A.sql", "EDV/A_H/2_DV_INSERT.sql", "EDV/B_H/readme.txt"]
    with pytest.raises(BadRelease) as caught:
        check_scripts(files, ["A", "B"], ["A_H", "B_H"], "incremental")
    assert str(caught.value) == (
        "3 listed tables have no script for incremental: STG/A/incremental/A.sql, STG/B/incremental/B.sql, "
        "EDV/B_H/*.sql; add the scripts or take the tables off the list"
    )


def test_scripts_are_found_whatever_their_case() -> None:
    check_scripts(["stg/a/initial/a.SQL", "EDV/a_h/2_dv_insert.sql"], ["A"], ["A_H"], "initial")
    check_scripts(["STG/A/initial/A.sql", "EDV/A_H/2_DV_INSERT.sql"], ["a"], ["a_h"], "initial")


def test_a_plan_has_the_names_of_the_csv_files() -> None:
    release = _release(stg_tables=b"tbl\na\n", dv_tables=b"etl_dv_tbl_id|dv_tbl_nm\n2|a_HS\n1|A_h\n")
    answer = build_plan(_request(), release)
    assert (answer["stgTables"], answer["dvGroups"]) == (["a"], [["A_h"], ["a_HS"]])


def _release(**more: Any) -> Release:
    parts: dict[str, Any] = {
        "id": "0" * 32,
        "stg_tables": b"tbl\nA\n",
        "dv_tables": b"etl_dv_tbl_id|dv_tbl_nm\n2|A_HS\n1|A_H\n",
        "dv_tbl_dpnds": b"etl_dv_tbl_id|rqr_etl_dv_tbl_id\n2|1\n2|77\n",
        "files": ["STG/A/initial/A.sql", "EDV/A_H/2_DV_INSERT.sql", "EDV/A_HS/1_DV_UPDATE.sql"],
    }
    return Release(**(parts | more))


def _request(*, allow_empty: bool = False) -> Request:
    return Request("CARS", "initial", date(2025, 6, 30), "dev", allow_empty)


def test_the_answer_has_the_keys_of_the_contract() -> None:
    assert build_plan(_request(), _release()) == {
        "stgTables": ["A"],
        "dvGroups": [["A_H"], ["A_HS"]],
        "counts": {"stg": 1, "dv": 2, "dvGroups": 2},
        "data_src_nm": "CARS",
        "run_type": "initial",
        "start_date": "2025-06-30",
        "env": "dev",
        "release": "0" * 32,
        "warnings": ["dv_tbl_dpnds.csv: ids of other sources, taken as loaded: 77 (needed by A_HS)"],
    }


EMPTY = {
    "stg_tables": b"tbl\n",
    "dv_tables": b"etl_dv_tbl_id|dv_tbl_nm\n",
    "dv_tbl_dpnds": b"etl_dv_tbl_id|rqr_etl_dv_tbl_id\n",
    "files": [],
}


def test_an_empty_plan_is_an_error_that_says_the_way_out() -> None:
    with pytest.raises(
        EmptyPlan, match=r"release 0{32} lists no table .* start the run with \"allow_empty\": true"
    ):
        build_plan(_request(), _release(**EMPTY))


def test_an_empty_plan_is_allowed_when_asked_for() -> None:
    plan = build_plan(_request(allow_empty=True), _release(**EMPTY))
    assert plan["counts"] == {"stg": 0, "dv": 0, "dvGroups": 0}
    assert plan["stgTables"] == []
    assert plan["dvGroups"] == []


def test_a_thousand_tables_with_foreign_needs_stay_small() -> None:
    names = [f"CROP_ACRG_RPT_TR_BUS_PTY_{n:04}_LS" for n in range(1000)]
    dv = "\n".join(f"{n + 1}|{name}" for n, name in enumerate(names))
    needs = "\n".join(f"{n + 1}|{100_000 + n}" for n in range(1000))
    plan = build_plan(
        _request(),
        _release(
            stg_tables="\n".join(["tbl", *names]).encode(),
            dv_tables=f"etl_dv_tbl_id|dv_tbl_nm\n{dv}".encode(),
            dv_tbl_dpnds=f"etl_dv_tbl_id|rqr_etl_dv_tbl_id\n{needs}".encode(),
            files=[f"STG/{n}/initial/{n}.sql" for n in names] + [f"EDV/{n}/2_DV_INSERT.sql" for n in names],
        ),
    )
    names_alone = sum(len(name) + len('"",') for name in names) * 2
    assert len(json.dumps(plan, separators=(",", ":"))) < names_alone + 2_000
