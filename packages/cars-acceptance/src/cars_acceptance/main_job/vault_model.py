"""The vault in the declarative model of `car_configs`: satellites and references."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from cars_acceptance.main_job.errors import MainJobError
from cars_acceptance.source.schema import MODEL

VAULT = MODEL / "vault.yaml"


@dataclass(frozen=True)
class Satellite:
    """A satellite describes rows of one source table; `entity` is the column with their identifier."""

    name: str
    entity: str
    source: str


@dataclass(frozen=True)
class Reference:
    """Columns of `table` that must be found in columns of `parent`."""

    table: str
    columns: tuple[str, ...]
    parent: str
    parent_columns: tuple[str, ...]


@dataclass(frozen=True)
class VaultModel:
    """The part of the vault's model that the comparison needs."""

    tables: tuple[str, ...]
    staging: Mapping[str, str]  # staging table -> source table
    satellites: tuple[Satellite, ...]
    references: tuple[Reference, ...]


def read(car_configs: Path) -> VaultModel:
    """The model of `car_configs`; raises MainJobError when a file is missing."""
    staging = {name: table["source"] for name, table in _tables(car_configs / MODEL / "staging.yaml").items()}
    vault = _tables(car_configs / VAULT)
    satellites = [
        Satellite(name, table["entity"], staging[table["staging"][0]])
        for name, table in vault.items()
        if "satellite" in table["kind"]
    ]
    return VaultModel(tuple(sorted(vault)), staging, tuple(satellites), tuple(_references(vault)))


def _references(vault: Mapping[str, Any]) -> list[Reference]:
    """Satellites refer to their hub or link, links to their hubs; natural keys are named in `refers`."""
    owners = {
        table["columns"][0]: name
        for name, table in vault.items()
        if "satellite" not in table["kind"] and "keys" in table
    }
    found = []
    for name, table in vault.items():
        for key in table.get("keys", {}):
            if owners[key] != name:
                found.append(Reference(name, (key,), owners[key], (key,)))
        for parent, columns in table.get("refers", {}).items():
            found.append(Reference(name, tuple(columns), parent, tuple(vault[parent]["natural_key"])))
        if "satellite" in table["kind"] and "natural_key" in table:
            found += _natural(name, table, vault)
    return found


def _natural(name: str, table: Mapping[str, Any], vault: Mapping[str, Any]) -> list[Reference]:
    """A satellite of a hub without hash key, when the hub is one of this vault."""
    key = table["natural_key"]
    hubs = [
        parent
        for parent, other in vault.items()
        if "satellite" not in other["kind"] and other.get("natural_key") == key
    ]
    return [Reference(name, tuple(key), hub, tuple(key)) for hub in hubs]


def _tables(path: Path) -> Mapping[str, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise MainJobError(f"cannot read the vault's model {path}: {error.strerror}") from error
    tables: Mapping[str, Any] = content["tables"]
    return tables
