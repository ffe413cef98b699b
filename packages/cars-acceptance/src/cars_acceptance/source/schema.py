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


def read(car_configs: Path) -> Schema:
    """The schema of `car_configs`; raises SourceError when a table is missing or a type is unknown."""
    path = car_configs / SOURCES
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SourceError(
            f"cannot read the source tables from {path}: {error.strerror}; name the directory with --car-configs"
        ) from error
    declared = content["tables"]
    missing = sorted(KEYS.keys() - declared.keys())
    if missing:
        raise SourceError(f"{path}: no source table {', '.join(missing)}")
    everywhere = content.get("every_table", {})
    return Schema({table: _table(path, table, declared[table], everywhere) for table in sorted(KEYS)})


def _table(path: Path, table: str, declared: Mapping[str, Any], everywhere: Mapping[str, Any]) -> pa.Schema:
    columns = {**declared["columns"], **everywhere}
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
