"""Writes the manifest of a release: digests of its files, what every table reads, writes and requires, load order."""

import hashlib
from collections.abc import Mapping
from typing import Any

from sql_tree.compiler.files import Tree
from sql_tree.compiler.metadata import Metadata
from sql_tree.compiler.producers import Producers
from sql_tree.compiler.scan import Scan
from sql_tree.layout import INSERT_SCRIPT, LAYERS, RUN_TYPES
from sql_tree.release.contents import MANIFEST_VERSION


def manifest(
    release: str, tree: Tree, scans: list[Scan], metadata: Metadata, produced: Producers
) -> dict[str, Any]:
    """The manifest as JSON data; `release` is the release's name."""
    by_path = {scanned.script.path: scanned for scanned in scans}
    return {
        "version": MANIFEST_VERSION,
        "release": release,
        "files": {
            name: {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
            for name, content in sorted(tree.files.items())
        },
        "tables": {layer: _layer_tables(layer, tree, by_path, metadata, produced) for layer in LAYERS},
        "groups": {"EDV": metadata.vault.groups(), "DM": metadata.marts.groups()},
    }


def _layer_tables(
    layer: str, tree: Tree, by_path: Mapping[str, Scan], metadata: Metadata, produced: Producers
) -> dict[str, dict[str, Any]]:
    return {
        table: _entry(layer, table, [by_path[script.path] for script in scripts], metadata, produced)
        for table, scripts in sorted(tree.of(layer).items())
    }


def _entry(
    layer: str, table: str, scans: list[Scan], metadata: Metadata, produced: Producers
) -> dict[str, Any]:
    paths = [scanned.script.path for scanned in scans]
    if layer == "DDL":
        return {"scripts": paths, "reads": [], "writes": [], "requires": []}
    writes = sorted({name for scanned in scans for name in scanned.writes})
    reads = sorted({name for scanned in scans for name in scanned.reads} - set(writes))
    scripts: Any = paths
    if layer == "STG":
        writes = [f"cars_stg.{table.lower()}"]
        scripts = {
            run_type: [scanned.script.path for scanned in scans if scanned.script.run_type == run_type]
            for run_type in RUN_TYPES
        }
    uses = _uses(layer, scans, produced)
    requires = [name for name in _requires(layer, table, reads, metadata, produced) if name not in uses]
    entry = {"scripts": scripts, "reads": reads, "writes": writes, "requires": requires}
    return {**entry, "uses": uses} if uses else entry


def _uses(layer: str, scans: list[Scan], produced: Producers) -> list[str]:
    """Staging tables that a hub takes keys from, one branch of a UNION each; empty for every other table.

    When one of them fails, the hub still takes the keys of the others.
    """
    # A satellite never qualifies: its history needs all its rows, so it requires every table it reads.
    names = [scanned.script.path.rpartition("/")[2].upper() for scanned in scans]
    if layer != "EDV" or names != [INSERT_SCRIPT.upper()]:
        return []
    found = sorted(name for table in scans[0].alternatives if (name := produced.of(table, layer)))
    uses = [name for name in found if name.startswith("STG.")]
    return uses if len(uses) > 1 else []


def _requires(layer: str, table: str, reads: list[str], metadata: Metadata, produced: Producers) -> list[str]:
    """What must be committed before: tables of this release that are read, and what the metadata says."""
    if layer == "STG":
        return []
    found = {name for read in reads if (name := produced.of(read, layer))}
    tables = metadata.vault if layer == "EDV" else metadata.marts
    for name in tables.requirements().get(table, []):
        said = f"{layer}.{name}" if layer == "EDV" else produced.mart(name, layer)
        # a mart that both layers hold is required from where it is read
        if not any(other.partition(".")[2] == name and other[:3] != "STG" for other in found):
            found.add(said)
    return sorted(found - {f"{layer}.{table}"})
