"""Lineage of a release, read from its manifest: which table each script loads, which tables each table reads.

Tables are written `LAYER.TABLE`. The layer DDL loads no table and is left out.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sql_tree.errors import SqlTreeError
from sql_tree.layout import LAYERS, MART_LAYERS, PUBLISHED
from sql_tree.release.contents import MANIFEST_VERSION

LOADED_LAYERS = tuple(layer for layer in LAYERS if layer != "DDL")


class ManifestError(SqlTreeError):
    """A manifest is damaged, or has a version that this program cannot read."""


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a release; `scripts` are run types by path (empty text: every run), `reads` and `writes` are
    `schema.table`, `requires` and `uses` are tables of the release."""

    name: str
    scripts: Mapping[str, str]
    reads: frozenset[str]
    writes: frozenset[str]
    requires: frozenset[str]
    uses: frozenset[str]

    @property
    def layer(self) -> str:
        return self.name.partition(".")[0]


@dataclass(frozen=True)
class Lineage:
    """Tables by name, sha256 of every file by path, and the group (from 1) in which a run loads a table.

    Staging tables are group 0 of their own: they are loaded side by side before the vault.
    """

    release: str
    files: Mapping[str, str]
    tables: Mapping[str, Table]
    groups: Mapping[str, int]

    @cached_property
    def owners(self) -> Mapping[str, str]:
        """The table that each script loads."""
        return {path: table.name for table in self.tables.values() for path in table.scripts}

    @cached_property
    def writers(self) -> Mapping[str, tuple[str, ...]]:
        """The tables that load a database table; a mart is found in both schemas, built and published."""
        found: dict[str, list[str]] = {}
        for table in self.tables.values():
            for name in sorted({alias for written in table.writes for alias in _spellings(written)}):
                found.setdefault(name, []).append(table.name)
        return {name: tuple(names) for name, names in found.items()}

    @cached_property
    def reads(self) -> Mapping[str, frozenset[str]]:
        """The tables of the release that each table reads."""
        return {name: frozenset(self._read_by(table)) for name, table in self.tables.items()}

    @cached_property
    def waits(self) -> Mapping[str, frozenset[str]]:
        """The tables that each table requires without reading them."""
        return {name: table.requires - self.reads[name] for name, table in self.tables.items()}

    def _read_by(self, table: Table) -> Iterable[str]:
        for name in table.reads:
            writers = [writer for writer in self.writers.get(name, ()) if writer != table.name]
            # two layers may hold a mart of one name: the compiler has noted which one is meant
            meant = [writer for writer in writers if writer in table.requires | table.uses]
            yield from meant or writers


def lineage(manifest: object, where: str) -> Lineage:
    """The lineage of a manifest; raises ManifestError, which names it as `where`."""
    if not isinstance(manifest, Mapping):
        raise ManifestError(f"{where} is not a manifest: it is no JSON object; push its tree again")
    version = manifest.get("version")
    if version != MANIFEST_VERSION:
        raise ManifestError(
            f"{where} has version {version!r}, this program reads version {MANIFEST_VERSION}; "
            f"use the program that pushed it, or push its tree again"
        )
    try:
        return _lineage(manifest)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        problem = f"{type(error).__name__}: {error}"
        raise ManifestError(f"{where} is not a manifest ({problem}); push its tree again") from error


def downstream(
    changed: Collection[str], graphs: Iterable[Lineage]
) -> tuple[Mapping[str, tuple[str, ...]], ...]:
    """Tables that read a changed one, level by level: directly, through one table, through two and so on.

    Each table is at its nearest level, with the tables of the level before that it reads in any of the graphs.
    """
    readers: dict[str, set[str]] = {}
    for graph in graphs:
        for reader, read in graph.reads.items():
            for name in read:
                readers.setdefault(name, set()).add(reader)
    seen, level = set(changed), sorted(changed)
    found: list[Mapping[str, tuple[str, ...]]] = []
    while level:
        reached: dict[str, list[str]] = {}
        for name in level:
            for reader in readers.get(name, ()):
                if reader not in seen:
                    reached.setdefault(reader, []).append(name)
        seen |= reached.keys()
        level = sorted(reached)
        if level:
            found.append({name: tuple(reached[name]) for name in level})
    return tuple(found)


def _lineage(manifest: Mapping[str, Any]) -> Lineage:
    tables = {
        f"{layer}.{name}": _table(f"{layer}.{name}", entry)
        for layer in LOADED_LAYERS
        for name, entry in manifest["tables"].get(layer, {}).items()
    }
    files = {path: str(entry["sha256"]) for path, entry in manifest["files"].items()}
    return Lineage(str(manifest["release"]), files, tables, _groups(manifest, tables))


def _table(name: str, entry: Mapping[str, Any]) -> Table:
    scripts = entry["scripts"]
    by_run_type = scripts if isinstance(scripts, Mapping) else {"": scripts}
    paths = {str(path): run_type for run_type, paths in by_run_type.items() for path in paths}

    def names(key: str) -> frozenset[str]:
        return frozenset(map(str, entry.get(key, ())))

    return Table(name, paths, names("reads"), names("writes"), names("requires"), names("uses"))


def _groups(manifest: Mapping[str, Any], tables: Collection[str]) -> dict[str, int]:
    found = {name: 0 for name in tables if name.startswith("STG.")}
    for key, groups in manifest.get("groups", {}).items():
        layers = MART_LAYERS if key == "DM" else (key,)
        for number, group in enumerate(groups, 1):
            names = (f"{layer}.{name}" for name in group for layer in layers)
            found.update({name: number for name in names if name in tables})
    return found


def _spellings(name: str) -> tuple[str, ...]:
    schema, _, table = name.partition(".")
    return (name, f"{PUBLISHED[schema]}.{table}") if schema in PUBLISHED else (name,)
