"""The release of the SQL tree as its manifest describes it: tables, what they read and write, the order of marts."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SCHEMAS = {"STG": "cars_stg", "EDV": "edv"}
MARTS = ("DM", "CAR_DM")  # the deployed tree holds its marts in DM
SOURCE_PREFIX = "fsa-"  # of the databases that staging scripts read


@dataclass(frozen=True)
class Table:
    """One table that a run loads; `targets` and `reads` are written `schema.table`."""

    layer: str
    name: str  # upper case
    targets: tuple[str, ...]
    reads: tuple[str, ...]

    @property
    def folder(self) -> str:
        """Where its scripts are."""
        return f"{self.layer}/{self.name}"


@dataclass(frozen=True)
class Release:
    """Tables in the order staging, vault, marts (marts in loading order), and the schemas that have DDL."""

    tables: tuple[Table, ...]
    ddl: tuple[str, ...]

    def of(self, *layers: str) -> list[Table]:
        """The tables of some layers."""
        return [table for table in self.tables if table.layer in layers]

    @property
    def targets(self) -> list[str]:
        """Every database table that a run writes, once."""
        return list(dict.fromkeys(target for table in self.tables for target in table.targets))


def read_release(path: Path) -> Release:
    """The release whose manifest the deployer wrote to `path`."""
    manifest = json.loads(path.read_text(encoding="utf-8"))
    return Release(tuple(_tables(manifest)), tuple(sorted(manifest["tables"].get("DDL", {}))))


def _tables(manifest: Mapping[str, Any]) -> Iterator[Table]:
    layers = manifest["tables"]
    for layer, schema in SCHEMAS.items():
        for name, entry in layers.get(layer, {}).items():
            yield Table(layer, name.upper(), (f"{schema}.{name.lower()}",), _qualified(entry["reads"]))
    for name in (name for group in manifest["groups"]["DM"] for name in group):
        layer = next(layer for layer in MARTS if name in layers.get(layer, {}))
        entry = layers[layer][name]
        yield Table(layer, name.upper(), _qualified(entry["writes"]), _qualified(entry["reads"]))


def _qualified(names: list[str]) -> tuple[str, ...]:
    """Names with a schema; others are temporary tables of the scripts."""
    return tuple(name for name in names if "." in name)
