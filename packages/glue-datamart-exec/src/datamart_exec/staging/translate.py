"""Translates checked Spark SQL to DuckDB SQL: resolves columns, refuses mixed types, makes casts raise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlglot import exp
from sqlglot.errors import OptimizeError
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, traverse_scope
from sqlglot.schema import MappingSchema

from datamart_exec.errors import DatamartError
from datamart_exec.staging import decimals, rewrite, type_mixing
from datamart_exec.staging.families import family
from datamart_exec.staging.result_types import METADATA
from datamart_exec.staging.schema import Schema
from datamart_exec.staging.script import Parsed


@dataclass(frozen=True, slots=True)
class Translation:
    """DuckDB SQL of a script: the macros to create first, the SELECT, and the source columns it uses."""

    macros: Sequence[str]
    select: str
    used: Mapping[str, frozenset[str]] = field(default_factory=dict)  # view -> lower-case columns
    origins: Mapping[str, tuple[str, str]] = field(
        default_factory=dict
    )  # column -> view and its one column there
    always_null: frozenset[str] = frozenset()  # lower-case columns of the SELECT; DuckDB calls them integers


def translate(parsed: Parsed, schemas: Sequence[Schema]) -> Translation:
    """Translate with the real columns of the sources; raises `DatamartError` that names script and place."""
    by_view = {schema.source.reference.view: schema for schema in schemas}
    spark = MappingSchema(
        {
            view: {name: each.spark for name, each in schema.columns.items() if not schema.unreadable(name)}
            for view, schema in by_view.items()
        },
        dialect="spark",
    )
    _require_qualified(parsed, by_view)
    tree = _qualified(parsed, spark)
    used = _resolve(parsed.script, tree, by_view)
    rewrite.type_decimal_literals(tree)
    annotated = annotate_types(tree, schema=spark, dialect="spark", expression_metadata=METADATA)
    type_mixing.check(parsed.script, annotated)
    decimals.check(parsed.script, annotated, {view: schema.columns for view, schema in by_view.items()})
    always_null = {
        name.lower() for index, name in enumerate(_names(annotated)) if index in _null_positions(annotated)
    }
    origins = _origins(annotated)
    macros = rewrite.to_duckdb(parsed.script, annotated)
    return Translation(macros, annotated.sql("duckdb", identify=True), used, origins, frozenset(always_null))


def _origins(query: exp.Expr) -> dict[str, tuple[str, str]]:
    """The columns of a SELECT that are made from one column of one view."""
    origins: dict[str, tuple[str, str]] = {}
    scope = traverse_scope(query)[-1]
    for item in query.selects if isinstance(query, exp.Select) else ():
        columns = {(column.table, column.name.lower()) for column in item.find_all(exp.Column)}
        if len(columns) == 1:
            alias, name = columns.pop()
            source = scope.sources.get(alias)
            if isinstance(source, exp.Table):
                origins[item.alias_or_name.lower()] = source.name, name
    return origins


def _names(query: exp.Expr) -> list[str]:
    return query.named_selects if isinstance(query, exp.Query) else []


def _null_positions(query: exp.Expr) -> set[int]:
    """The positions of the columns that are NULL in every row, whatever the rows."""
    query = query.unnest()
    if isinstance(query, exp.SetOperation):
        return _null_positions(query.left) & _null_positions(query.right)
    selects = query.selects if isinstance(query, exp.Query) else []
    return {index for index, each in enumerate(selects) if family(each) == "null"}


def _qualified(parsed: Parsed, spark: MappingSchema) -> exp.Expr:
    """The tree with a table for every column and the columns of every star."""
    try:
        return qualify(
            parsed.tree.copy(),
            schema=spark,
            dialect="spark",
            validate_qualify_columns=False,
            quote_identifiers=False,
            identify=False,
        )
    except OptimizeError as error:
        raise DatamartError(f"{parsed.script}: {error}") from error


def _require_qualified(parsed: Parsed, by_view: Mapping[str, Schema]) -> None:
    """Check the columns that name their table. The optimizer's own error would name neither table nor file."""
    for scope in traverse_scope(parsed.tree):
        aliases = {alias.lower(): alias for alias in scope.sources}
        for column in scope.columns:
            schema = _schema(scope, aliases.get(column.table.lower(), ""), by_view)
            if schema is not None:
                _require(parsed.script, column.name, schema)


def _resolve(script: str, tree: exp.Expr, by_view: Mapping[str, Schema]) -> dict[str, frozenset[str]]:
    """Check every column of every scope; the columns that each view must have."""
    used: dict[str, set[str]] = {view: set() for view in by_view}
    for scope in traverse_scope(tree):
        _refuse_duplicate_names(script, scope)
        for column in scope.columns:
            if not column.table:
                raise _unknown(
                    script, column.name, [_schema(scope, alias, by_view) for alias in scope.sources]
                )
            schema = _schema(scope, column.table, by_view)
            if schema is None:
                continue
            _require(script, column.name, schema)
            if schema.columns[column.name.lower()].family == "null":
                column.replace(exp.null())
            else:
                used[schema.source.reference.view].add(column.name.lower())
    return {view: frozenset(names) for view, names in used.items()}


def _schema(scope: Scope, alias: str, by_view: Mapping[str, Schema]) -> Schema | None:
    source = scope.sources.get(alias)
    return by_view[source.name] if isinstance(source, exp.Table) else None


def _require(script: str, name: str, schema: Schema) -> None:
    found = schema.columns.get(name.lower())
    if found is None:
        raise _unknown(script, name, [schema])
    if reason := schema.unreadable(name.lower()):
        raise DatamartError(f"{script}: {reason}")


def _unknown(script: str, name: str, schemas: Sequence[Schema | None]) -> DatamartError:
    places = [
        f"{schema.source.reference.name} ({schema.source.schema_files[0].uri})"
        for schema in schemas
        if schema
    ]
    having = [schema for schema in schemas if schema and name.lower() in schema.columns]
    if len(having) > 1:
        return DatamartError(f"{script}: column {name} is ambiguous between {', '.join(places)}; qualify it")
    if having:
        return DatamartError(f"{script}: {having[0].unreadable(name.lower())}")
    return DatamartError(f"{script}: column {name} is missing in {', '.join(places) or 'its subquery'}")


def _refuse_duplicate_names(script: str, scope: Scope) -> None:
    query = scope.expression
    names = [name.lower() for name in query.named_selects] if isinstance(query, exp.Query) else []
    duplicates = sorted({name for name in names if names.count(name) > 1})
    if duplicates:
        raise DatamartError(
            f"{script}: several columns are named {', '.join(duplicates)}; give each its own alias"
        )
