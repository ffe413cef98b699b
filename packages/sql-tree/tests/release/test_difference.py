"""The difference of two trees: what a change in a file means for tables, order and lineage."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from trees import HUB, INITIAL, put

from sql_tree.compiler.compile import compile_tree
from sql_tree.compiler.ddl import defined_tables
from sql_tree.release.contents import Release
from sql_tree.release.difference import Difference, FileChange, Kind, Moved, difference
from sql_tree.release.lineage import lineage

DDL = "DDL/EDV/1_FARM.sql"
Change = Callable[[Path], None]


@pytest.fixture
def differs(small: Path, tmp_path: Path) -> Callable[[Change], Difference]:
    """What is different after a change of the tree."""

    def after(change: Change) -> Difference:
        other = Path(shutil.copytree(small, tmp_path / "other"))
        change(other)
        old, new = (compile_tree(root, checks=[]) for root in (small, other))

        def defined(path: str) -> set[str]:
            return {table for release in (old, new) for table in _defined(release, path)}

        return difference(lineage(old.manifest, "old"), lineage(new.manifest, "new"), defined)

    return after


def _defined(release: Release, path: str) -> tuple[str, ...]:
    return defined_tables(path, release.files[path].decode()) if path in release.files else ()


def add_text(path: str) -> Change:
    return lambda root: put(root, path, f"-- other\n{(root / path).read_text()}")


def test_equal_trees_differ_in_nothing(differs: Callable[[Change], Difference]) -> None:
    found = differs(lambda _: None)
    assert (found.files, found.changed, found.reached, found.moved) == ((), (), (), ())


def test_a_script_changes_its_table_and_reaches_those_that_read_it(
    differs: Callable[[Change], Difference],
) -> None:
    found = differs(add_text(INITIAL))
    assert found.files == (FileChange(INITIAL, Kind.CHANGED, ("STG.FARM",), "initial"),)
    assert found.changed == ("STG.FARM",)
    assert [set(level) for level in found.reached] == [{"EDV.FARM_H", "EDV.FARM_HS"}]
    assert (found.loads_more, found.loads_less, found.reads_more, found.waits_more) == ((), (), (), ())


def test_ddl_changes_the_tables_that_it_defines(differs: Callable[[Change], Difference]) -> None:
    found = differs(lambda root: put(root, DDL, (root / DDL).read_text().replace("bigint", "integer")))
    assert found.files == (FileChange(DDL, Kind.CHANGED, ("EDV.FARM_H", "EDV.FARM_HS")),)
    assert found.changed == ("EDV.FARM_H", "EDV.FARM_HS")
    assert found.schemas == ("EDV",)


def test_a_table_that_is_dropped_reaches_those_that_read_it_before(
    differs: Callable[[Change], Difference],
) -> None:
    def drop(root: Path) -> None:
        shutil.rmtree(root / "STG/FARM")
        put(root, "metadata/stg_tables.csv", "tbl\n")
        put(root, "metadata/external_tables.csv", "tbl\ncars_stg.farm\n")

    found = differs(drop)
    assert (found.loads_more, found.loads_less) == ((), ("STG.FARM",))
    assert found.reads_less == (("EDV.FARM_H", "STG.FARM"), ("EDV.FARM_HS", "STG.FARM"))
    assert "STG.FARM" in found.changed
    assert [set(level) for level in found.reached] == [{"EDV.FARM_H", "EDV.FARM_HS"}]


def test_a_table_that_is_new_is_loaded_and_lineage_has_its_edges(
    differs: Callable[[Change], Difference],
) -> None:
    def add(root: Path) -> None:
        put(root, "EDV/NEW_H/2_DV_INSERT.sql", (root / HUB).read_text().replace("farm_h", "new_h"))
        put(root, "DDL/EDV/2_NEW.sql", "CREATE TABLE IF NOT EXISTS edv.new_h (farm_id bigint);\n")
        put(root, "metadata/dv_tables.csv", "etl_dv_tbl_id|dv_tbl_nm\n1|FARM_H\n2|FARM_HS\n3|NEW_H\n")

    found = differs(add)
    assert found.loads_more == ("EDV.NEW_H",)
    assert found.reads_more == (("EDV.NEW_H", "STG.FARM"),)
    assert {(item.path, item.kind) for item in found.files} >= {("EDV/NEW_H/2_DV_INSERT.sql", Kind.ADDED)}
    assert (found.changed, found.reached) == (("EDV.NEW_H",), ())


def test_another_order_moves_tables_and_changes_no_data(differs: Callable[[Change], Difference]) -> None:
    found = differs(lambda root: put(root, "metadata/dv_tbl_dpnds.csv", "etl_dv_tbl_id|rqr_etl_dv_tbl_id\n"))
    assert found.moved == (Moved("EDV.FARM_HS", 2, 1),)
    assert found.waits_less == (("EDV.FARM_HS", "EDV.FARM_H"),)
    assert (found.changed, found.reached) == ((), ())
