"""Writes into a tree, and what the compiler finds there."""

from pathlib import Path

from sql_tree.compiler.compile import examine_tree

HUB = "EDV/FARM_H/2_DV_INSERT.sql"
INITIAL, INCREMENTAL = "STG/FARM/initial/FARM.sql", "STG/FARM/incremental/FARM.sql"


def put(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def found(root: Path) -> list[str]:
    """`code place` of every finding that is not waived, in order of file."""
    findings = examine_tree(root, checks=[]).findings
    return [f"{finding.problem.code} {finding.problem.place}" for finding in findings.open]


def add_marts(root: Path, *names: str, needs: str = "") -> None:
    """Lists marts with ids from 1."""
    rows = "".join(f"{at}|{name}\n" for at, name in enumerate(names, 1))
    put(root, "metadata/dm_tables.csv", f"etl_dm_tbl_id|dm_tbl_nm\n{rows}")
    put(root, "metadata/dm_tbl_dpnds.csv", f"etl_dm_tbl_id|rqr_etl_dm_tbl_id\n{needs}")
