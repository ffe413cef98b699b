"""Checks that the tables of a model fit together: one line per problem, each names its table. Reads no file."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from graphlib import CycleError, TopologicalSorter

from sql_tree.model.tables import HUBS, LINKS, SATELLITES, ColumnRef, Model, VaultTable

COLUMN_TYPES = re.compile(r"bigint|integer|timestamp|date|varchar(\(\d+\))?|decimal\(\d+,\d+\)")


def model_problems(model: Model) -> list[str]:
    """Every problem of the model, one line each."""
    return [*_source_problems(model), *_staging_problems(model), *_vault_problems(model)]


def _source_problems(model: Model) -> Iterator[str]:
    for source in model.sources.values():
        if source.key not in source.columns:
            yield f"source {source.name}: key {source.key} is not one of its columns"
        for column, type_name in source.columns.items():
            if COLUMN_TYPES.fullmatch(str(type_name)) is None:
                known = "bigint, integer, timestamp, date, varchar, varchar(n), decimal(p,s)"
                yield f"source {source.name}.{column}: type {type_name!r} is not known; known are {known}"


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


def _vault_problems(model: Model) -> Iterator[str]:
    by_id: dict[int, str] = {}
    for table in model.vault.values():
        first = by_id.setdefault(table.etl_id, table.name)
        if first != table.name:
            yield f"vault {table.name}: id {table.etl_id} is already the id of {first}"
        for problem in (*_table_problems(table), *_name_problems(model, table), *_key_problems(table)):
            yield f"vault {table.name}: {problem}"
        for staging in table.staging:
            if staging in model.staging:
                yield from _column_problems(model, table, staging)
    yield from _cycle(model)


def _table_problems(table: VaultTable) -> Iterator[str]:
    if table.kind not in (*HUBS, *LINKS, *SATELLITES):
        yield f"kind {table.kind!r} is not known; known are {', '.join((*HUBS, *LINKS, *SATELLITES))}"
    if table.kind in SATELLITES and table.entity not in table.columns:
        yield f"a satellite needs its entity, one of its columns, got {table.entity!r}"
    if not table.staging or not table.columns:
        yield "has no staging table or no columns"
    for column, count in Counter(table.columns).items():
        if count > 1:
            yield f"column {column} is listed {count} times"


def _name_problems(model: Model, table: VaultTable) -> Iterator[str]:
    for need in (*table.requires, *table.refers):
        if need not in model.vault:
            yield f"{need} is not a table of the vault"
    for staging in (*table.staging, *table.not_from):
        if staging not in model.staging:
            yield f"{staging} is not a staging table"


def _key_problems(table: VaultTable) -> Iterator[str]:
    if table.natural_key:
        missing = [column for column in table.natural_key if column not in table.columns]
        if missing:
            yield f"natural key {', '.join(missing)} is not among its columns"
    elif not table.columns or table.columns[0] not in table.keys:
        yield "needs a natural_key, or the parts of its first column in keys"
        return
    for columns in table.also_as:
        if len(columns) != len(table.hash_columns):
            yield f"also_as {', '.join(columns)} must name {len(table.hash_columns)} columns"


def _column_problems(model: Model, table: VaultTable, staging: str) -> Iterator[str]:
    carried = model.staging[staging].columns
    wanted = {model.renamed.get(column, column) for column in table.columns}
    for columns in (*table.keys.values(), *table.refers.values(), *_also(table, staging)):
        wanted.update(columns)
    for column in sorted(wanted.difference(table.keys, model.vault_technical, carried)):
        yield f"vault {table.name}: staging {staging} has no column {column}"


def _also(table: VaultTable, staging: str) -> Iterable[tuple[str, ...]]:
    """The further names of a hub's key, which its first staging table has to carry."""
    return table.also_as if staging == table.staging[0] else ()


def _cycle(model: Model) -> Iterator[str]:
    needs = {table.name: table.requires for table in model.vault.values()}
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        yield f"vault tables require each other in a cycle: {' -> '.join(reversed(error.args[1]))}"
