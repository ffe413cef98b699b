"""The source tables' columns and types, read from the declarative model in `car_configs`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import yaml

from cars_acceptance.source.errors import SourceError

MODEL = Path("metadata/model")
SOURCES = MODEL / "sources.yaml"

# The identifier of each source table that the generator makes; `read` checks it against the model.
KEYS: Mapping[str, str] = {
    "acrsi_farm": "acrsi_farm_identifier",
    "acrsi_producer": "acrsi_producer_identifier",
    "agricultural_production_plan": "agricultural_production_plan_identifier",
    "business_party": "business_party_identifier",
    "business_party_share": "business_party_share_identifier",
    "compliance_detail_history": "compliance_detail_history_identifier",
    "continuous_plan_certification_election": "continuous_plan_certification_election_identifier",
    "crop_acreage_report": "crop_acreage_report_identifier",
    "crop_type": "crop_type_identifier",
    "field": "field_identifier",
    "program_year": "program_year",
    "tract": "tract_identifier",
    "tract_business_party": "tract_business_party_identifier",
}

_PLAIN: Mapping[str, pa.DataType] = {
    "bigint": pa.int64(),
    "integer": pa.int32(),
    "timestamp": pa.timestamp("us"),
    "date": pa.date32(),
}


@dataclass(frozen=True)
class Schema:
    """Arrow schemas of the source tables by name."""

    tables: Mapping[str, pa.Schema]

    def without(self, table: str, column: str) -> pa.Schema:
        """The schema of a table less one column."""
        return pa.schema([field for field in self.tables[table] if field.name != column])


def read(car_configs: Path, own_tree: Path | None = None) -> Schema:
    """The schema of `car_configs`; raises SourceError when a table is missing or a type is unknown.

    Tables that its model does not declare are those of `own_tree`. Tables beside those of CARS have no key.
    """
    tables = _declared(own_tree / SOURCES) if own_tree and own_tree != car_configs else {}
    path = car_configs / SOURCES
    if path.is_file() or not tables:
        tables |= _declared(path)
    missing = sorted(KEYS.keys() - tables.keys())
    if missing:
        raise SourceError(f"{path}: no source table {', '.join(missing)}")
    return Schema(dict(sorted(tables.items())))


def _declared(path: Path) -> dict[str, pa.Schema]:
    """The tables that one file declares."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SourceError(
            f"cannot read the source tables of CARS from {path}: {error.strerror}; a tree without a model needs that of"
            " the repository's car_configs"
        ) from error
    everywhere = content.get("every_table", {})
    return {table: _table(path, table, found, everywhere) for table, found in content["tables"].items()}


def _table(path: Path, table: str, declared: Mapping[str, Any], everywhere: Mapping[str, Any]) -> pa.Schema:
    columns = {**declared["columns"], **everywhere}
    if table not in KEYS:
        return pa.schema(
            [pa.field(name, _type(path, table, name, str(kind))) for name, kind in columns.items()]
        )
    if declared.get("key") != KEYS[table]:
        raise SourceError(
            f"{path}: key of source table {table} is {declared.get('key')!r}, the generator makes {KEYS[table]!r}"
        )
    for wanted in (KEYS[table], "op", "dart_filedate"):
        if wanted not in columns:
            raise SourceError(f"{path}: source table {table} has no column {wanted}")
    return pa.schema([pa.field(name, _type(path, table, name, str(kind))) for name, kind in columns.items()])


def _type(path: Path, table: str, column: str, kind: str) -> pa.DataType:
    kind = kind.strip().lower()
    if kind in _PLAIN:
        return _PLAIN[kind]
    if re.fullmatch(r"varchar(\(\d+\))?", kind):
        return pa.string()
    decimal = re.fullmatch(r"decimal\((\d+),\s*(\d+)\)", kind)
    if decimal:
        return pa.decimal128(int(decimal[1]), int(decimal[2]))
    raise SourceError(
        f"{path}: type of {table}.{column} is {kind!r}; known are varchar, decimal(p,s), {', '.join(_PLAIN)}"
    )
