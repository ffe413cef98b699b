"""The tables of the declarative model: frozen data, read by `load`, checked by `checks`."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sql_tree.errors import SqlTreeError

HUBS = ("hub", "reference hub")
LINKS = ("link",)
SATELLITES = ("hub satellite", "link satellite", "reference satellite")


class ModelError(SqlTreeError):
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
