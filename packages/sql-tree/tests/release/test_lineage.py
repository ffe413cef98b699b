"""Lineage from a manifest: who reads whom, and what is downstream of a change."""

import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trees import add_marts, put

from sql_tree.compiler.compile import compile_tree
from sql_tree.release.lineage import Lineage, ManifestError, Table, downstream, lineage

NAMES = [f"EDV.T{number}" for number in range(8)]
DIM = "INSERT INTO car_dm_stg.a_dim (k) SELECT h.farm_id FROM edv.farm_h AS h;\n"
SUMM = "INSERT INTO car_dm_stg.b_summ (k) SELECT a.k FROM car_dm.a_dim AS a;\n"
EDGES = st.sets(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=20)


def of(root: Path) -> Lineage:
    return lineage(compile_tree(root, checks=[]).manifest, "the manifest")


def graph(reads: set[tuple[str, str]]) -> Lineage:
    """A release in which each first table reads the second."""

    def table(name: str) -> Table:
        read = frozenset(other.lower() for reader, other in reads if reader == name)
        return Table(name, {}, read, frozenset({name.lower()}), frozenset(), frozenset())

    return Lineage("r", {}, {name: table(name) for name in NAMES}, {})


def reached(levels: tuple[Mapping[str, tuple[str, ...]], ...]) -> set[str]:
    return {name for level in levels for name in level}


def test_tables_read_what_their_scripts_read_and_wait_for_what_the_metadata_requires(small: Path) -> None:
    found = of(small)
    assert found.reads == {
        "STG.FARM": frozenset(),
        "EDV.FARM_H": {"STG.FARM"},
        "EDV.FARM_HS": {"STG.FARM"},
    }
    assert found.waits["EDV.FARM_HS"] == {"EDV.FARM_H"}
    assert found.groups == {"STG.FARM": 0, "EDV.FARM_H": 1, "EDV.FARM_HS": 2}
    assert found.tables["STG.FARM"].scripts["STG/FARM/initial/FARM.sql"] == "initial"


def test_a_mart_that_is_read_where_it_is_published_is_the_one_that_is_built(small: Path) -> None:
    add_marts(small, "A_DIM", "B_SUMM", needs="2|1\n")
    put(small, "DM/A_DIM/1_DM_INSERT.sql", DIM)
    put(small, "CAR_DM/B_SUMM/1_DM_INSERT.sql", SUMM)
    found = of(small)
    assert found.reads["CAR_DM.B_SUMM"] == {"DM.A_DIM"}
    assert [dict(level) for level in downstream({"STG.FARM"}, [found])] == [
        {"EDV.FARM_H": ("STG.FARM",), "EDV.FARM_HS": ("STG.FARM",)},
        {"DM.A_DIM": ("EDV.FARM_H",)},
        {"CAR_DM.B_SUMM": ("DM.A_DIM",)},
    ]


def test_a_hub_of_the_committed_tree_is_downstream_of_each_of_its_sources(tree_root: Path) -> None:
    found = of(tree_root)
    for source in ("STG.AG_PROD_PLAN", "STG.BUS_PTY_SHR", "STG.CMPL_DET_HIST"):
        assert "EDV.AG_PROD_PLAN_H" in downstream({source}, [found])[0]


@given(EDGES, EDGES, st.sets(st.sampled_from(NAMES), min_size=1))
def test_downstream_is_the_transitive_closure_of_reads_in_either_release(
    old: set[tuple[str, str]], new: set[tuple[str, str]], changed: set[str]
) -> None:
    closure = {(reader, read) for reader, read in old | new if reader != read}
    for middle in NAMES:
        closure |= {(a, d) for a, b in closure for c, d in closure if b == c == middle}
    wanted = {reader for reader, read in closure if read in changed} - changed
    assert reached(downstream(changed, [graph(old), graph(new)])) == wanted


@given(EDGES, st.sampled_from(NAMES))
def test_each_table_is_at_its_nearest_level_and_reads_the_level_before(
    edges: set[tuple[str, str]], changed: str
) -> None:
    levels = [{changed: ()}, *downstream({changed}, [graph(edges)])]
    for nearer, level in itertools.pairwise(levels):
        for name, through in level.items():
            assert set(through) == {read for reader, read in edges if reader == name} & nearer.keys()
            assert through


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        ([], "m.json is not a manifest: it is no JSON object; push its tree again"),
        ({}, "m.json has version None, this program reads version 1"),
        ({"version": 2}, "m.json has version 2, this program reads version 1; use the program that pushed it"),
        ({"version": 1, "release": "r"}, "m.json is not a manifest (KeyError: 'tables'); push"),
        ({"version": 1, "release": "r", "files": [], "tables": {"EDV": {"A": 1}}}, "is not a manifest (TypeError"),
    ],
)  # fmt: skip
def test_a_manifest_that_cannot_be_read_is_named(manifest: Any, message: str) -> None:
    with pytest.raises(ManifestError) as raised:
        lineage(manifest, "m.json")
    assert message in str(raised.value)


def test_a_manifest_without_groups_and_uses_is_read() -> None:
    entry = {"scripts": ["EDV/A/1_X.sql"], "reads": ["x.y"], "writes": ["edv.a"], "requires": []}
    found = lineage({"version": 1, "release": "r", "files": {}, "tables": {"EDV": {"A": entry}}}, "m.json")
    assert (found.groups, found.reads) == ({}, {"EDV.A": frozenset()})
