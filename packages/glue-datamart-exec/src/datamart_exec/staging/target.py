"""The target table of a staging script: its columns from the catalog, and the SELECT that casts to them without loss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from datamart_exec.errors import DatamartError
from datamart_exec.session import Connection
from datamart_exec.staging import cast
from datamart_exec.staging.column_types import ColumnType, column_type

LOADABLE = {
    "boolean": "BOOLEAN",
    "smallint": "SMALLINT",
    "integer": "INTEGER",
    "bigint": "BIGINT",
    "double precision": "DOUBLE",
    "date": "DATE",
    "timestamp without time zone": "TIMESTAMP",
    "text": "VARCHAR",
    "character varying": "VARCHAR",
}
SPELLED = ("integer", "boolean", "date")  # become texts only by a CAST in the script
TYPMOD_HEADER = 4  # bytes that Postgres adds to length and precision in atttypmod
WIDEST = 38  # most digits of a decimal in Arrow

COLUMNS = """
    SELECT a.attname, format_type(a.atttypid, NULL), a.atttypmod,
           NOT (a.attnotnull AND NOT a.atthasdef AND a.attidentity = ''), a.attgenerated <> '' OR a.attidentity = 'a'
    FROM pg_attribute a
    WHERE a.attrelid = to_regclass(%s) AND a.attnum > 0 AND NOT a.attisdropped
    ORDER BY a.attnum
"""


@dataclass(frozen=True, slots=True)
class TargetColumn:
    """One column of the target table."""

    name: str
    postgres_type: str
    typmod: int
    optional: bool  # has a default or may be NULL
    computed: bool  # filled by Postgres, never by a load

    def wanted(self, table: str, source: ColumnType) -> ColumnType:
        """The DuckDB type whose values this column stores unchanged."""
        if self.postgres_type == "numeric":
            return self._decimal(table, source)
        sql = LOADABLE.get(self.postgres_type)
        if sql is None:
            raise DatamartError(
                f"{table}.{self.name} has type {self.postgres_type}, which staging does not load;"
                f" use one of {', '.join(sorted((*LOADABLE, 'numeric')))}"
            )
        return column_type(sql)

    def _decimal(self, table: str, source: ColumnType) -> ColumnType:
        if self.typmod < 0:  # a numeric without precision holds any decimal
            return source if source.family == "decimal" else column_type("DECIMAL(38,10)")
        precision, scale = (self.typmod - TYPMOD_HEADER) >> 16, (self.typmod - TYPMOD_HEADER) & 0x7FF
        if precision > WIDEST or scale > precision:
            raise DatamartError(
                f"{table}.{self.name} is numeric({precision},{scale}); staging loads up to {WIDEST} digits"
            )
        return column_type(f"DECIMAL({precision},{scale})")

    @property
    def length(self) -> int | None:
        """The most characters of a varchar(n)."""
        limited = self.postgres_type == "character varying" and self.typmod >= 0
        return self.typmod - TYPMOD_HEADER if limited else None


def columns(postgres: Connection, table: str) -> list[TargetColumn]:
    """The columns of `schema.table` in their order; an unknown table is an error."""
    found = [TargetColumn(*row) for row in postgres.execute(COLUMNS, (table,)).fetchall()]
    if not found:
        raise DatamartError(f"table {table} does not exist in the database; run the layer DDL first")
    return found


def cast_to_table(
    script: str, table: str, target: Sequence[TargetColumn], produced: Mapping[str, ColumnType], select: str
) -> tuple[list[TargetColumn], str]:
    """The columns to load, and SQL that selects them in this order with the exact types of the table."""
    _match_names(script, table, target, produced)
    loaded = [column for column in target if column.name in produced]
    items = [
        f"{_value(script, table, column, produced[column.name])} AS {cast.identifier(column.name)}"
        for column in loaded
    ]
    return loaded, f"SELECT {', '.join(items)} FROM ({select}) AS produced"  # noqa: S608 - names are quoted


def _match_names(
    script: str, table: str, target: Sequence[TargetColumn], produced: Mapping[str, ColumnType]
) -> None:
    fillable = {column.name for column in target if not column.computed}
    missing = [column.name for column in target if not column.optional and column.name not in produced]
    unknown = [name for name in produced if name not in fillable]
    problems = []
    if missing:
        problems.append(f"the script does not produce {', '.join(missing)}")
    if unknown:
        problems.append(f"the table cannot take {', '.join(unknown)}")
    if problems:
        raise DatamartError(
            f"{script} does not fit {table}: {'; '.join(problems)}; fix the script or the DDL"
        )


def _value(script: str, table: str, column: TargetColumn, source: ColumnType) -> str:
    what = f"{table}.{column.name}"
    name = cast.identifier(column.name)
    if source.family == "null":
        return f"CAST(NULL AS {column.wanted(table, source).sql})"
    wanted = column.wanted(table, source)
    if wanted.family == "text" and source.family in SPELLED:
        # a code such as 01 that arrives as a number has lost its zeros already
        raise DatamartError(
            f"{script}: {what} is a text, and {source} arrives; fix the source, or CAST it in the script when its plain"
            " spelling is meant"
        )
    try:
        value = cast.checked(name, source, wanted, what)
    except DatamartError as error:
        raise DatamartError(f"{script}: {error}") from error
    return value if column.length is None else cast.limited_text(value, column.length, what)
