"""Compiles a SQL tree into a release: every script understood, every table produced or declared, order total.

Reads files and nothing else; the same tree gives the same release, byte for byte. A release whose staging scripts no
check has seen carries a warning.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from deployer.configs.checks import NONE_INSTALLED, StagingCheck, check_problems, installed_checks
from deployer.configs.columns import created_columns, insert_problems, staging_problems
from deployer.configs.metadata import Metadata, TableList, read_metadata
from deployer.configs.problems import CompileError, Problem
from deployer.configs.scan import Scan, scan
from deployer.configs.tree import LAYERS, RUN_TYPES, Tree, read_tree

MANIFEST_VERSION = 1
HUB_SCRIPT = "2_DV_INSERT.sql"
SCHEMAS = {
    "STG": ("cars_stg",),
    "EDV": ("edv",),
    "DM": ("car_dm_stg", "car_dm"),
    "CAR_DM": ("car_dm_stg", "car_dm"),
}


@dataclass(frozen=True)
class CompiledRelease:
    """A release: its files by name, its manifest (not among the files), its name, and what is worth a warning."""

    files: Mapping[str, bytes]
    manifest: Mapping[str, Any]
    release: str
    warnings: tuple[str, ...] = ()

    @cached_property
    def manifest_bytes(self) -> bytes:
        """The manifest as it is stored."""
        return (json.dumps(self.manifest, indent=1, sort_keys=True) + "\n").encode()


def compile_tree(root: Path, checks: Iterable[StagingCheck] | None = None) -> CompiledRelease:
    """Compile the tree below `root`; raises `CompileError` with every problem found, in order of file.

    `checks` are applied to staging scripts; by default those of installed distributions.
    """
    applied = installed_checks() if checks is None else list(checks)
    tree, problems = read_tree(root)
    metadata, found = read_metadata(tree.files)
    problems += found
    scans = _scan_all(tree)
    problems += [problem for scanned in scans for problem in scanned.problems]
    problems += _listing_problems(tree, metadata)
    problems += _lineage_problems(scans, metadata)
    problems += _idle_problems(scans)
    problems += _column_problems(scans)
    problems += check_problems(scans, applied)
    if problems:
        raise CompileError(root, sorted(set(problems)))
    release = release_name(tree.files)
    warnings = (*_warnings(metadata), *(() if applied else (NONE_INSTALLED,)))
    return CompiledRelease(tree.files, _manifest(release, tree, scans, metadata), release, warnings)


def release_name(files: Mapping[str, bytes]) -> str:
    """The name that content gives a release: 32 hex digits over the sorted names and bytes of its files."""
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(f"{name}\0{len(files[name])}\0".encode())
        digest.update(files[name])
    return digest.hexdigest()[:32]


def _scan_all(tree: Tree) -> list[Scan]:
    """Every script scanned; temporary tables are known to the later scripts of the same table."""
    scans: list[Scan] = []
    for layer in LAYERS:
        for scripts in tree.of(layer).values():
            local: frozenset[str] = frozenset()
            for script in scripts:
                scans.append(scan(script, local))
                local = frozenset(scans[-1].local)
    return scans


def _listed(metadata: Metadata) -> dict[str, tuple[str, ...]]:
    return {"STG": metadata.staging, "EDV": tuple(metadata.vault.names.values())}


def _listing_problems(tree: Tree, metadata: Metadata) -> Iterator[Problem]:
    """Every listed table has its scripts, every script a listed table."""
    listed = _listed(metadata)
    for layer, file in (("STG", "stg_tables.csv"), ("EDV", "dv_tables.csv")):
        scripts = tree.of(layer)
        for table in sorted(set(listed[layer]) - set(scripts)):
            yield Problem(f"metadata/{file}", 0, f"lists {table}, but {layer}/{table}/ has no scripts")
        yield from _unlisted(scripts, set(listed[layer]), file)
    for table, found in tree.of("STG").items():
        missing = set(RUN_TYPES) - {script.run_type for script in found}
        for run_type in sorted(missing):
            yield Problem(
                f"STG/{table}/{run_type}/{table}.sql", 0, f"is missing; {table} needs both run types"
            )
    marts = {**tree.of("DM"), **tree.of("CAR_DM")}
    for table in sorted(set(metadata.marts.names.values()) - set(marts)):
        yield Problem(
            "metadata/dm_tables.csv", 0, f"lists {table}, but neither DM/ nor CAR_DM/ has scripts for it"
        )
    yield from _unlisted(marts, set(metadata.marts.names.values()), "dm_tables.csv")


def _unlisted(scripts: Mapping[str, Iterable[Any]], listed: set[str], file: str) -> Iterator[Problem]:
    for table in sorted(set(scripts) - listed):
        for script in scripts[table]:
            yield Problem(script.path, 0, f"belongs to {table}, which metadata/{file} does not list")


def _produced(metadata: Metadata) -> dict[str, str]:
    """Database tables a release loads: `schema.table` to `LAYER.TABLE`."""
    produced = {f"cars_stg.{name.lower()}": f"STG.{name}" for name in metadata.staging}
    produced |= {f"edv.{name.lower()}": f"EDV.{name}" for name in metadata.vault.names.values()}
    for name in metadata.marts.names.values():
        produced |= {f"{schema}.{name.lower()}": f"CAR_DM.{name}" for schema in SCHEMAS["CAR_DM"]}
    return produced


def _lineage_problems(scans: list[Scan], metadata: Metadata) -> Iterator[Problem]:
    known = {*_produced(metadata), *(name.lower() for name in metadata.external)}
    for scanned in scans:
        if scanned.script.layer == "DDL":
            continue
        for table, line in scanned.reads.items():
            if table not in known:
                text = f"reads {table}, which nothing here produces and metadata/external_tables.csv does not list"
                yield Problem(scanned.script.path, line, text)
        yield from _write_problems(scanned)
        yield from _order_problems(scanned, metadata)


def _write_problems(scanned: Scan) -> Iterator[Problem]:
    script = scanned.script
    own = {f"{schema}.{script.table.lower()}" for schema in SCHEMAS[script.layer]}
    for table, line in scanned.writes.items():
        if script.layer == "STG" or table not in own:
            yield Problem(
                script.path, line, f"writes {table}; a script of {script.table} writes its own table only"
            )


def _idle_problems(scans: list[Scan]) -> Iterator[Problem]:
    """A vault or mart table whose scripts change nothing would be reported as loaded."""
    changed = {(s.script.layer, s.script.table) for s in scans if s.writes or not s.statements}
    for scanned in scans:
        table = (scanned.script.layer, scanned.script.table)
        if table not in changed and table[0] not in ("STG", "DDL"):
            yield Problem(scanned.script.path, 0, f"no script of {table[1]} changes a table")
            changed.add(table)


def _order_problems(scanned: Scan, metadata: Metadata) -> Iterator[Problem]:
    """A vault or mart table that another one reads must be loaded before it."""
    script = scanned.script
    tables = {"EDV": metadata.vault, "DM": metadata.marts, "CAR_DM": metadata.marts}.get(
        script.layer, TableList()
    )
    needs = tables.requirements().get(script.table, [])
    peers = {
        f"{schema}.{name.lower()}": name
        for name in tables.names.values()
        for schema in SCHEMAS[script.layer]
        if name != script.table and name not in needs
    }
    for table, line in scanned.reads.items():
        if table in peers:
            yield Problem(
                script.path,
                line,
                f"reads {table}, but the metadata does not say that it requires {peers[table]}",
            )


def _column_problems(scans: list[Scan]) -> Iterator[Problem]:
    created = created_columns(scanned for scanned in scans if scanned.script.layer == "DDL")
    for scanned in scans:
        if scanned.script.layer == "STG" and scanned.statements:
            yield from staging_problems(scanned, created)
        else:
            yield from insert_problems(scanned, created)


def _manifest(release: str, tree: Tree, scans: list[Scan], metadata: Metadata) -> dict[str, Any]:
    by_path = {scanned.script.path: scanned for scanned in scans}
    tables = {layer: _layer_tables(layer, tree, by_path, metadata) for layer in LAYERS}
    return {
        "version": MANIFEST_VERSION,
        "release": release,
        "files": {
            name: {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
            for name, content in sorted(tree.files.items())
        },
        "tables": tables,
        "groups": {"EDV": metadata.vault.groups(), "DM": metadata.marts.groups()},
    }


def _layer_tables(
    layer: str, tree: Tree, by_path: Mapping[str, Scan], metadata: Metadata
) -> dict[str, dict[str, Any]]:
    return {
        table: _entry(layer, table, [by_path[script.path] for script in scripts], metadata)
        for table, scripts in sorted(tree.of(layer).items())
    }


def _entry(layer: str, table: str, scans: list[Scan], metadata: Metadata) -> dict[str, Any]:
    if layer == "DDL":
        return {
            "scripts": [scanned.script.path for scanned in scans],
            "reads": [],
            "writes": [],
            "requires": [],
        }
    writes = sorted({name for scanned in scans for name in scanned.writes})
    reads = sorted({name for scanned in scans for name in scanned.reads} - set(writes))
    scripts: Any = [scanned.script.path for scanned in scans]
    if layer == "STG":
        writes = [f"cars_stg.{table.lower()}"]
        scripts = {
            run_type: [scanned.script.path for scanned in scans if scanned.script.run_type == run_type]
            for run_type in RUN_TYPES
        }
    uses = _uses(layer, scans, metadata)
    entry = {
        "scripts": scripts,
        "reads": reads,
        "writes": writes,
        "requires": [name for name in _requires(layer, table, reads, metadata) if name not in uses],
    }
    return {**entry, "uses": uses} if uses else entry


def _uses(layer: str, scans: list[Scan], metadata: Metadata) -> list[str]:
    """Staging tables that a hub takes keys from, each by itself: one that failed holds up the others' keys no more.

    A table that only inserts (`2_DV_INSERT`) from a UNION of several; a satellite's history needs its rows complete.
    """
    if layer != "EDV" or [scanned.script.path.rpartition("/")[2] for scanned in scans] != [HUB_SCRIPT]:
        return []
    produced = _produced(metadata)
    found = sorted(produced[name] for name in scans[0].alternatives if name in produced)
    uses = [name for name in found if name.startswith("STG.")]
    return uses if len(uses) > 1 else []


def _requires(layer: str, table: str, reads: list[str], metadata: Metadata) -> list[str]:
    """What must be committed before: tables of this release that are read, and what the metadata says."""
    if layer == "STG":
        return []
    produced = _produced(metadata)
    tables = metadata.vault if layer == "EDV" else metadata.marts
    said = {f"{layer}.{name}" for name in tables.requirements().get(table, [])}
    return sorted(said | {produced[name] for name in reads if name in produced})


def _warnings(metadata: Metadata) -> tuple[str, ...]:
    """Dependencies that another source's pipeline has to satisfy."""
    return tuple(
        f"metadata/{file}: requires ids {', '.join(map(str, tables.outside))} of other sources"
        for file, tables in (("dv_tbl_dpnds.csv", metadata.vault), ("dm_tbl_dpnds.csv", metadata.marts))
        if tables.outside
    )
