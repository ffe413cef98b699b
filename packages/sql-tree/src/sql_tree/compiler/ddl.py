"""Reads what the DDL of a tree creates: the columns of every table, in order."""

from collections.abc import Iterable

from sqlglot import exp

from sql_tree.compiler.files import ScriptFile
from sql_tree.compiler.reading import scan
from sql_tree.compiler.scan import Scan, table_name


def created_columns(scans: Iterable[Scan]) -> dict[str, list[str]]:
    """Columns by `schema.table`, from CREATE TABLE and ALTER TABLE ... ADD COLUMN."""
    found: dict[str, dict[str, None]] = {}
    for table, column in _definitions(scans):
        found.setdefault(table, {}).setdefault(column.name.lower())
    return {table: list(columns) for table, columns in found.items()}


def column_types(scans: Iterable[Scan]) -> dict[str, dict[str, str]]:
    """The type of every column in lower case, such as `decimal(18, 4)`, by `schema.table` and column, in order."""
    scans = list(scans)
    found: dict[str, dict[str, str]] = {}
    for table, column in _definitions(scans):
        if isinstance(column.kind, exp.DataType):
            found.setdefault(table, {}).setdefault(column.name.lower(), column.kind.sql("postgres").lower())
    for table, name in _retyped(scans):
        found.get(table, {}).pop(name, None)
    return found


def _retyped(scans: Iterable[Scan]) -> Iterable[tuple[str, str]]:
    """Columns that an ALTER COLUMN changes: which type they have depends on the database."""
    for scanned in scans:
        for statement in scanned.statements if scanned.script.layer == "DDL" else ():
            table = statement.find(exp.Table)
            if isinstance(statement, exp.Alter) and table is not None:
                yield from (
                    (table_name(table), change.name.lower()) for change in statement.find_all(exp.AlterColumn)
                )


def required_columns(scans: Iterable[Scan]) -> set[tuple[str, str]]:
    """Table and column of every column that is NOT NULL or the primary key."""
    found: set[tuple[str, str]] = set()
    for table, column in _definitions(scans):
        kinds = [constraint.args.get("kind") for constraint in column.args.get("constraints") or ()]
        is_required = any(
            isinstance(kind, exp.PrimaryKeyColumnConstraint)
            or (isinstance(kind, exp.NotNullColumnConstraint) and not kind.args.get("allow_null"))
            for kind in kinds
        )
        if is_required:
            found.add((table, column.name.lower()))
    return found


def defined_tables(path: str, text: str) -> tuple[str, ...]:
    """The tables, as `schema.table`, that a script of the layer DDL makes, changes or drops."""
    table = path.split("/")[1].upper()
    return tuple(sorted(scan(ScriptFile(path, "DDL", table, "", 0, text)).writes))


def _definitions(scans: Iterable[Scan]) -> Iterable[tuple[str, exp.ColumnDef]]:
    for scanned in scans:
        if scanned.script.layer != "DDL":
            continue
        for statement in scanned.statements:
            if isinstance(statement, exp.Create | exp.Alter):
                table = statement.find(exp.Table)
                if table is not None:
                    yield from ((table_name(table), column) for column in statement.find_all(exp.ColumnDef))
