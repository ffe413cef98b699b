"""Builds the plan from metadata and file names. Pure: no clock, no AWS."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from edv_build_processing_plan.errors import BadRelease, EmptyPlan
from edv_build_processing_plan.events import Request
from edv_build_processing_plan.metadata import (
    Dependency,
    VaultTable,
    dependencies,
    listing,
    stage_tables,
    vault_tables,
)


@dataclass(frozen=True, slots=True)
class Release:
    """A release: its id, its three CSV files, and the paths of all its files (`STG/X/initial/X.sql`)."""

    id: str
    stg_tables: bytes
    dv_tables: bytes
    dv_tbl_dpnds: bytes
    files: Collection[str]


def build_plan(request: Request, release: Release) -> dict[str, Any]:
    """The plan as the contract defines it, plus `release` and `warnings`.

    Raises BadRelease for wrong metadata, cycles and tables without scripts; EmptyPlan when no table is listed.
    """
    stage = stage_tables(release.stg_tables)
    vault = vault_tables(release.dv_tables)
    needs = dependencies(release.dv_tbl_dpnds, vault)
    if not stage and not vault and not request.allow_empty:
        raise EmptyPlan(
            f"release {release.id} lists no table in stg_tables.csv and dv_tables.csv; "
            'push a release with tables, or start the run with "allow_empty": true'
        )
    check_scripts(release.files, stage, [table.name for table in vault], request.run_type)
    groups = group(vault, needs)
    return {
        "stgTables": stage,
        "dvGroups": groups,
        "counts": {"stg": len(stage), "dv": len(vault), "dvGroups": len(groups)},
        "data_src_nm": request.data_src_nm,
        "run_type": request.run_type,
        "start_date": request.start_date.isoformat(),
        "env": request.env,
        "release": release.id,
        "warnings": foreign(vault, needs),
    }


def group(tables: Sequence[VaultTable], needs: Iterable[Dependency]) -> list[list[str]]:
    """Groups in loading order: each table is in the first group after all tables it needs. A group is sorted by name.

    Dependencies on tables outside `tables` are ignored. Raises BadRelease with the cycle, `A -> B -> A`.
    """
    names = {table.id: table.name for table in tables}
    open_needs: dict[int, set[int]] = {table.id: set() for table in tables}
    for need in needs:
        if need.requires in names:
            open_needs[need.id].add(need.requires)
    groups: list[list[str]] = []
    while open_needs:
        ready = {own for own, required in open_needs.items() if not required}
        if not ready:
            raise BadRelease(
                f"dv_tbl_dpnds.csv has a cycle: {_cycle(open_needs, names)}; a table cannot need itself"
            )
        groups.append(sorted((names[own] for own in ready), key=str.upper))
        open_needs = {own: required - ready for own, required in open_needs.items() if own not in ready}
    return groups


def _cycle(open_needs: Mapping[int, set[int]], names: Mapping[int, str]) -> str:
    """One cycle among the tables left: each of them needs another one of them."""
    trail: list[int] = []
    here = min(open_needs)
    while here not in trail:
        trail.append(here)
        here = min(open_needs[here])
    return " -> ".join(names[step] for step in [*trail[trail.index(here) :], here])


def foreign(tables: Sequence[VaultTable], needs: Iterable[Dependency]) -> list[str]:
    """A warning that lists the required ids of other sources; this run treats them as loaded."""
    names = {table.id: table.name for table in tables}
    outside = [need for need in needs if need.requires not in names]
    if not outside:
        return []
    ids = listing([str(number) for number in sorted({need.requires for need in outside})], ", ")
    users = listing(sorted({names[need.id] for need in outside}), ", ")
    return [f"dv_tbl_dpnds.csv: ids of other sources, taken as loaded: {ids} (needed by {users})"]


def check_scripts(files: Collection[str], stage: Sequence[str], vault: Sequence[str], run_type: str) -> None:
    """Raise BadRelease when a table lacks the scripts that the Glue job reads; paths are compared without case."""
    paths = {path.upper() for path in files}
    folders = {path.rpartition("/")[0] for path in paths if path.endswith(".SQL")}
    wanted = [f"STG/{name}/{run_type}/{name}.sql" for name in stage]
    missing = [path for path in wanted if path.upper() not in paths]
    missing += [f"EDV/{name}/*.sql" for name in vault if f"EDV/{name.upper()}" not in folders]
    if missing:
        raise BadRelease(
            f"{len(missing)} listed tables have no script for {run_type}: {listing(missing, ', ')}; "
            "add the scripts or take the tables off the list"
        )
