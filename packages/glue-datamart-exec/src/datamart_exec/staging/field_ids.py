"""The columns of an Iceberg table's data file under the names that the table gives them today, found by field id."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from datamart_exec.errors import DatamartError
from datamart_exec.iceberg.as_of import Field
from datamart_exec.staging.footers import FileColumn


def by_field_id(
    uri: str, columns: Mapping[str, FileColumn], fields: Iterable[Field]
) -> dict[str, FileColumn]:
    """The file's columns by the table's names. A file without ids is read by the table's name mapping, or refused."""
    by_id = {column.field_id: column for column in columns.values() if column.field_id is not None}
    if by_id:
        return {field.name: by_id[field.id] for field in fields if field.id in by_id}
    if not any(field.written_as for field in fields):
        raise DatamartError(
            f"{uri} has no field ids and its table has no name mapping (schema.name-mapping.default), so its columns are"
            " unknown; write the file again through Iceberg, or give the table a name mapping"
        )
    return {field.name: columns[name] for field in fields for name in field.written_as if name in columns}
