"""The declarative model of staging and vault (`car_configs/metadata/model/*.yaml`), read into frozen data.

`load_model` reads and checks; every problem is reported at once. What follows from the model (where a column
comes from, what feeds a hub) is worked out in `lineage`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from deployer.errors import ReleaseError

MODEL_FILES = ("sources.yaml", "staging.yaml", "vault.yaml")
HUBS = ("hub", "reference hub")
LINKS = ("link",)
SATELLITES = ("hub satellite", "link satellite", "reference satellite")


class ModelError(ReleaseError):
    """The model is missing, unreadable or inconsistent; the message lists every problem."""


@dataclass(frozen=True, slots=True)
class Source:
    """One CARS table as change capture delivers it; `columns` maps name to Postgres type."""

    name: str
    key: str
    columns: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ColumnRef:
    """A source column: of the driving table, or of a parent joined to it."""

    table: str
    column: str


@dataclass(frozen=True, slots=True)
class StagingTable:
    """One staging table; `parents` are in join order, each with the columns that may hold its identifier."""

    name: str
    source: str
    parents: Mapping[str, tuple[ColumnRef, ...]]
    columns: Mapping[str, ColumnRef]


@dataclass(frozen=True, slots=True)
class VaultTable:
    """One vault table; see the head of vault.yaml for the meaning of each field."""

    name: str
    kind: str
    etl_id: int
    staging: tuple[str, ...]
    columns: tuple[str, ...]
    requires: tuple[str, ...] = ()
    requires_outside: tuple[int, ...] = ()
    also_reads: tuple[str, ...] = ()
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    natural_key: tuple[str, ...] = ()
    refers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    not_from: tuple[str, ...] = ()
    also_as: tuple[tuple[str, ...], ...] = ()
    entity: str = ""

    @property
    def own_key(self) -> tuple[str, ...]:
        """The columns that are the table's key: its hash key, or its natural key."""
        return self.natural_key or self.columns[:1]

    @property
    def hash_columns(self) -> tuple[str, ...]:
        """What the own hash key is made of, in staging names; the natural key where there is no hash."""
        return self.natural_key or self.keys[self.columns[0]]


@dataclass(frozen=True, slots=True)
class Model:
    """Sources, staging and vault, with the columns that every table of a kind has."""

    sources: Mapping[str, Source]
    staging: Mapping[str, StagingTable]
    vault: Mapping[str, VaultTable]
    staging_technical: Mapping[str, str]
    vault_technical: Mapping[str, str]
    renamed: Mapping[str, str]


def load_model(folder: Path) -> Model:
    """Read the three files of `folder`; raises `ModelError` naming every problem."""
    documents = {name: _document(folder / name) for name in MODEL_FILES}
    try:
        model = _model(documents)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ModelError(
            f"{folder}: the model does not have its shape: {error!r}; see the head of each file"
        ) from error
    problems = model_problems(model)
    if problems:
        raise ModelError(f"{folder}: {len(problems)} problems: " + "; ".join(problems))
    return model


def model_problems(model: Model) -> list[str]:
    """What does not fit together, one line each."""
    return [*_staging_problems(model), *_vault_problems(model)]


def _document(path: Path) -> Mapping[str, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ModelError(f"{path} is missing; the model is {', '.join(MODEL_FILES)}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ModelError(f"{path} is not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(content, dict):
        raise ModelError(f"{path} must hold a mapping, got {type(content).__name__}")
    return content


def _model(documents: Mapping[str, Mapping[str, Any]]) -> Model:
    sources, staging, vault = (documents[name] for name in MODEL_FILES)
    return Model(
        sources={
            name: Source(name, entry["key"], {**entry["columns"], **sources["every_table"]})
            for name, entry in sources["tables"].items()
        },
        staging={name: _staging_table(name, entry) for name, entry in staging["tables"].items()},
        vault={name: _vault_table(name, entry) for name, entry in vault["tables"].items()},
        staging_technical=dict(staging["every_table"]),
        vault_technical=dict(vault["technical"]),
        renamed=dict(vault["renamed"]),
    )


def _staging_table(name: str, entry: Mapping[str, Any]) -> StagingTable:
    source = entry["source"]
    return StagingTable(
        name=name,
        source=source,
        parents={
            parent: tuple(_reference(text, source) for text in texts)
            for parent, texts in entry.get("parents", {}).items()
        },
        columns={column: _reference(text, source) for column, text in entry["columns"].items()},
    )


def _reference(text: str, source: str) -> ColumnRef:
    table, _, column = text.rpartition(".")
    return ColumnRef(table or source, column)


def _vault_table(name: str, entry: Mapping[str, Any]) -> VaultTable:
    known = {**entry}

    def listed(field_name: str) -> tuple[Any, ...]:
        return tuple(known.pop(field_name, ()))

    table = VaultTable(
        name=name,
        kind=known.pop("kind"),
        etl_id=int(known.pop("id")),
        staging=listed("staging"),
        columns=listed("columns"),
        requires=listed("requires"),
        requires_outside=listed("requires_outside"),
        also_reads=listed("also_reads"),
        keys={key: tuple(columns) for key, columns in known.pop("keys", {}).items()},
        natural_key=listed("natural_key"),
        refers={hub: tuple(columns) for hub, columns in known.pop("refers", {}).items()},
        not_from=listed("not_from"),
        also_as=tuple(tuple(columns) for columns in known.pop("also_as", ())),
        entity=known.pop("entity", ""),
    )
    if known:
        raise ValueError(f"vault {name} has unknown fields {', '.join(known)}")
    return table


def _staging_problems(model: Model) -> list[str]:
    problems: list[str] = []
    for table in model.staging.values():
        joined = {table.source}
        for parent, references in table.parents.items():
            problems.extend(_unknown_references(model, f"{table.name}.parents.{parent}", references, joined))
            if parent not in model.sources:
                problems.append(f"staging {table.name}: parent {parent} is not in sources.yaml")
            joined.add(parent)
        for column, reference in table.columns.items():
            problems.extend(_unknown_references(model, f"{table.name}.{column}", (reference,), joined))
    return problems


def _unknown_references(
    model: Model, where: str, references: tuple[ColumnRef, ...], joined: set[str]
) -> list[str]:
    problems = []
    for reference in references:
        source = model.sources.get(reference.table)
        if source is None or reference.table not in joined:
            problems.append(
                f"staging {where}: {reference.table} is neither the source nor a parent joined before"
            )
        elif reference.column not in source.columns:
            problems.append(f"staging {where}: {reference.table} has no column {reference.column}")
    return problems


def _vault_problems(model: Model) -> list[str]:
    problems: list[str] = []
    by_id: dict[int, str] = {}
    for table in model.vault.values():
        first = by_id.setdefault(table.etl_id, table.name)
        if first != table.name:
            problems.append(f"vault {table.name}: id {table.etl_id} is already the id of {first}")
        if table.kind not in (*HUBS, *LINKS, *SATELLITES):
            problems.append(f"vault {table.name}: kind {table.kind!r} is not known")
        if table.kind in SATELLITES and not table.entity:
            problems.append(f"vault {table.name}: a satellite needs its entity")
        problems.extend(
            f"vault {table.name}: {need} is not a table of the vault"
            for need in (*table.requires, *table.refers)
            if need not in model.vault
        )
        problems.extend(_vault_column_problems(model, table))
    return problems


def _vault_column_problems(model: Model, table: VaultTable) -> list[str]:
    problems = []
    for staging in table.staging:
        if staging not in model.staging:
            problems.append(f"vault {table.name}: {staging} is not a staging table")
            continue
        carried = model.staging[staging].columns
        wanted = {model.renamed.get(column, column) for column in table.columns}
        wanted.update(column for columns in table.keys.values() for column in columns)
        wanted.difference_update(table.keys, model.vault_technical)
        problems.extend(
            f"vault {table.name}: staging {staging} has no column {column}"
            for column in sorted(wanted)
            if column not in carried
        )
    return problems
