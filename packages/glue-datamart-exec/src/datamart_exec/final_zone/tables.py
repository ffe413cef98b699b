"""Tables of the final zone in the catalog: made from declared columns, and changed when the declaration grows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from pyiceberg.catalog.glue import GlueCatalog
from pyiceberg.exceptions import (
    NoSuchIcebergTableError,
    NoSuchNamespaceError,
    NoSuchPropertyException,
    NoSuchTableError,
)
from pyiceberg.schema import Schema
from pyiceberg.table import Table
from pyiceberg.types import (
    BinaryType,
    BooleanType,
    DateType,
    DecimalType,
    DoubleType,
    FloatType,
    IcebergType,
    IntegerType,
    LongType,
    NestedField,
    StringType,
    TimestampType,
    TimestamptzType,
    TimeType,
)

from datamart_exec.errors import DatamartError
from datamart_exec.final_zone.commit import commit_errors
from datamart_exec.final_zone.shape import Column, Shape
from datamart_exec.iceberg.type_names import DUCKDB_TYPES, duckdb_name

KEY = "cars.key"  # table property: the names of the key's columns as JSON; a table without it is not ours
PROPERTIES = {
    "format-version": "2",
    "commit.retry.num-retries": "0",  # a state is made from the one that was read: a lost race starts again
    "write.metadata.delete-after-commit.enabled": "true",
    "write.metadata.previous-versions-max": "20",
}
_TYPES: Mapping[str, IcebergType] = {
    DUCKDB_TYPES[str(kind)]: kind
    for kind in (
        *(LongType(), IntegerType(), BooleanType(), FloatType(), DoubleType(), DateType(), TimeType()),
        *(TimestampType(), TimestamptzType(), StringType(), BinaryType()),
    )
}


def open_or_create(
    catalog: GlueCatalog, name: tuple[str, str], location: str, columns: Mapping[str, str], key: Sequence[str]
) -> Table:
    """The table `name` (database, table) with these columns, which are DuckDB types by name.

    A missing table is made at `location`; missing columns are added at the end, and types that Iceberg can widen are
    widened. Columns that are declared no more stay, and are NULL in new rows. Raises `DatamartError` for a table that
    is not ours, another key, or a type that cannot change.
    """
    try:
        table = catalog.load_table(name)
    except NoSuchTableError:
        return _create(catalog, name, location, columns, key)
    except (NoSuchIcebergTableError, NoSuchPropertyException) as error:
        raise DatamartError(
            f"{'.'.join(name)} is in the catalog, but is no Iceberg table; delete that entry or name another database"
        ) from error
    _check(table, location, key)
    _evolve(table, columns)
    return table


def _create(
    catalog: GlueCatalog, name: tuple[str, str], location: str, columns: Mapping[str, str], key: Sequence[str]
) -> Table:
    # every column is optional: DuckDB writes no other ones
    fields = [
        NestedField(number, column, iceberg_type(kind), required=False)
        for number, (column, kind) in enumerate(columns.items(), 1)
    ]
    properties = {**PROPERTIES, KEY: json.dumps(list(key))}
    try:
        return catalog.create_table(name, Schema(*fields), location=location, properties=properties)
    except NoSuchNamespaceError as error:
        raise DatamartError(
            f"the catalog has no database {name[0]}; deploy the environment, which makes it"
        ) from error


def _check(table: Table, location: str, key: Sequence[str]) -> None:
    name = ".".join(table.name())
    held = table.properties.get(KEY)
    if held is None or table.location().rstrip("/") != location.rstrip("/"):
        raise DatamartError(
            f"{name} at {table.location()} was not made by the landing, which writes {location};"
            " delete that table or name another database"
        )
    if json.loads(held) != list(key):
        raise DatamartError(
            f"{name} has the key {held}, the target schema declares {json.dumps(list(key))}; a key cannot change:"
            " delete the table and land a new full load"
        )


def _evolve(table: Table, columns: Mapping[str, str]) -> None:
    """Add the columns that the table lacks, and widen those that grew."""
    held = {field.name: field.field_type for field in table.schema().fields}
    wanted = {name: iceberg_type(kind) for name, kind in columns.items()}
    if all(held.get(name) == kind for name, kind in wanted.items()):
        return
    try:
        with commit_errors(table), table.update_schema() as update:
            for name, kind in wanted.items():
                if name not in held:
                    update.add_column(name, kind)
                elif held[name] != kind:
                    update.update_column(name, field_type=kind)
    except ValueError as error:
        changed = ", ".join(
            f"{name} is {held[name]}, declared {kind}"
            for name, kind in wanted.items()
            if name in held and held[name] != kind
        )
        raise DatamartError(
            f"{'.'.join(table.name())}: a type cannot change like this: {changed} ({' '.join(str(error).split())});"
            " declare the old type, or delete the table and land a new full load"
        ) from error


def shape_of(table: Table) -> Shape:
    """The columns of a table as DuckDB reads and writes them."""
    fields = table.schema().fields
    columns = tuple(Column(field.name, duckdb_type(field.field_type), field.field_id) for field in fields)
    return Shape(columns, tuple(json.loads(table.properties[KEY])))


def iceberg_type(sql: str) -> IcebergType:
    """Iceberg's type for one of DuckDB."""
    if sql.startswith("DECIMAL("):
        precision, scale = sql.removeprefix("DECIMAL(").removesuffix(")").split(",")
        return DecimalType(int(precision), int(scale))
    return _TYPES[sql]


def duckdb_type(kind: IcebergType) -> str:
    """DuckDB's type for one of Iceberg."""
    name = duckdb_name(str(kind))
    if name is None:
        raise DatamartError(f"a column has the Iceberg type {kind}, which the final zone does not have")
    return name
