"""The pipeline of a staging load: script -> files -> DuckDB -> Arrow -> binary COPY -> compare -> ledger -> commit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import duckdb
import pyarrow as pa
from sqlglot import exp

from datamart_exec import logs, table_load, tokens
from datamart_exec.arguments import Arguments
from datamart_exec.config_release import Table
from datamart_exec.errors import BadValueError, DatamartError
from datamart_exec.iceberg.as_of import FinalTables
from datamart_exec.session import Connection, postgres_errors
from datamart_exec.staging import checksum, culprit, engine, nanoseconds, schema, script, target, zone_lock
from datamart_exec.staging.cast import identifier
from datamart_exec.staging.column_types import NULL, ColumnType, column_type
from datamart_exec.staging.copy import copy_rows
from datamart_exec.staging.schema import Schema
from datamart_exec.staging.sources import Source, Zones
from datamart_exec.staging.translate import Translation, translate
from datamart_exec.storage import Storage
from process_control import ledger

SCHEMA = "cars_stg"
BATCH_ROWS = 16_384
MAX_NAMED = 20  # keys in one line of the log


class EngineError(DatamartError):
    """DuckDB cannot run the script over the files."""


def load(postgres: Connection, arguments: Arguments, table: Table, storage: Storage) -> table_load.Outcome:
    """Replace the staging table by the rows that the script selects for this run, in one transaction."""
    started_at = table_load.now()
    parsed = _parse(arguments, table)
    table_load.begin(postgres, arguments)
    zone_lock.share(postgres, f"STG.{table.name}", {reference.table for reference in parsed.references})
    sources = _sources(arguments, storage, parsed)
    key = table_load.ledger_key(arguments, table.release, input_digest(table, sources))
    with postgres_errors(f"STG.{table.name}"):
        if done := table_load.already_loaded(postgres, key):
            return done
        table_load.require(postgres, arguments, table)
    name = f"{SCHEMA}.{identifier(table.name.lower())}"
    with engine.open_duckdb(arguments.limits) as duck:
        if any(source.schema_files for source in sources):
            engine.allow_s3(duck)
        row_count = replace(postgres, duck, storage, name, parsed, sources)
    with postgres_errors(f"STG.{table.name}: cannot commit"):
        warnings = [text for source in sources for text in _warnings(source)]
        ledger.record_complete(postgres, key, started_at=started_at, row_count=row_count, warnings=warnings)
        postgres.commit()
    return table_load.Outcome(row_count)


def input_digest(table: Table, sources: Sequence[Source]) -> str:
    """Digest over the script, over key, ETag and size of every source file, and over the columns of Iceberg tables."""
    lines = {
        f"{source.reference.name} {file.object.key} {file.object.etag} {file.object.size}"
        for source in sources
        for file in source.files
    }
    lines |= {
        f"{source.reference.name} column {field.id} {field.name} {field.type} {field.written_as}"
        for source in sources
        for field in source.fields or ()
    }
    return table_load.digest_of([table.digest, *sorted(lines)])


def replace(
    postgres: Connection,
    duck: duckdb.DuckDBPyConnection,
    storage: Storage,
    name: str,
    parsed: script.Parsed,
    sources: Sequence[Source],
) -> int:
    """Empty the table, copy the script's rows, compare count and checksums; the number of rows. Commits nothing."""
    schemas = [schema.read(duck, parsed, source) for source in sources]
    translation = translate(parsed, schemas)
    for each in schemas:
        nanoseconds.refuse_nanoseconds(storage, each, translation.used[each.source.reference.view])
    _prepare(duck, schemas, translation)
    _log_drift(parsed, schemas, translation.used)
    described = describe(duck, parsed.script, translation.select)
    produced = {name: NULL if name in translation.always_null else kind for name, kind in described.items()}
    with postgres_errors(name):
        columns = target.columns(postgres, name)
    _refuse_left_out(parsed, schemas, [column.name for column in columns if column.name not in produced])
    _, select = target.cast_to_table(parsed.script, name, columns, produced, translation.select)
    with postgres_errors(name), _located(duck, schemas, translation), _duckdb_errors(parsed.script):
        postgres.execute(f"TRUNCATE {name}".encode())
        reader = duck.execute(select).to_arrow_reader(BATCH_ROWS)
        sent = copy_rows(postgres, name, reader)
        found = checksum.stored(postgres, name, reader.schema, sent.long_texts)
        checksum.compare(name, reader.schema, sent, found)
    logs.info("count and checksums equal", rows=sent.rows, columns=len(reader.schema))
    return sent.rows


def describe(duck: duckdb.DuckDBPyConnection, name: str, select: str) -> dict[str, ColumnType]:
    """The columns of a SELECT, by lower-case name."""
    with _duckdb_errors(name):
        rows = duck.execute(f"DESCRIBE {select}").fetchall()
    return {column.lower(): column_type(kind) for column, kind, *_ in rows}


def _parse(arguments: Arguments, table: Table) -> script.Parsed:
    if len(table.scripts) != 1:
        paths = ", ".join(each.path for each in table.scripts)
        raise DatamartError(f"STG.{table.name} must have one script for a run type, found {paths}")
    only = table.scripts[0]
    text = tokens.bind(only.path, only.text, tokens.values(arguments.run.start_date, arguments.env))
    return script.parse(only.path, text)


def _sources(arguments: Arguments, storage: Storage, parsed: script.Parsed) -> list[Source]:
    zones = Zones(
        *(storage, arguments.final_bucket, arguments.app, arguments.env),
        day=arguments.run.start_date,
        tables=FinalTables(storage),
    )
    return [zones.resolve(parsed.script, reference) for reference in parsed.references]


def _prepare(duck: duckdb.DuckDBPyConnection, schemas: Sequence[Schema], translation: Translation) -> None:
    for each in schemas:
        duck.execute(schema.view(each, translation.used[each.source.reference.view]))
    for macro in translation.macros:
        duck.execute(macro)


def _refuse_left_out(parsed: script.Parsed, schemas: Sequence[Schema], missing: Sequence[str]) -> None:
    """`*` leaves out columns that cannot be read; those that the table has would be NULL there without a word."""
    stars = [star for star in parsed.tree.find_all(exp.Star) if not isinstance(star.parent, exp.Count)]
    for each in schemas if stars else ():
        for name in missing:
            if name in each.columns and (reason := each.unreadable(name)):
                raise DatamartError(f"{parsed.script}: {reason}")


def _log_drift(parsed: script.Parsed, schemas: Sequence[Schema], used: Mapping[str, frozenset[str]]) -> None:
    for each in schemas:
        reference, files = each.source.reference, each.source.files
        needed = used[reference.view]
        logs.info(
            "source",
            script=parsed.script,
            source=f"{reference.database}.{reference.table}",
            files=len(files),
            bytes=sum(file.object.size for file in files),
            columns_used=len(needed),
            columns_ignored=len(each.columns.keys() - needed),
        )
        if unread := each.source.unread:
            logs.warning(
                "objects that are no Parquet or in no partition were not read",
                source=reference.table,
                objects=len(unread),
                keys=unread[:MAX_NAMED],
            )
        if gaps := each.gaps(needed):
            logs.warning("columns missing in some files", source=reference.table, files_without_column=gaps)


def _warnings(source: Source) -> Iterator[str]:
    """What the ledger says of a source."""
    if source.warning:
        yield source.warning
    if source.unread:
        yield _unread(source)


def _unread(source: Source) -> str:
    named, more = source.unread[:MAX_NAMED], len(source.unread) - MAX_NAMED
    return (
        f"{source.reference.name}: {len(source.unread)} objects that are no Parquet or in no partition were not read: "
        + ", ".join(named)
        + (f" and {more} more" if more > 0 else "")
    )


@contextmanager
def _located(
    duck: duckdb.DuckDBPyConnection, schemas: Sequence[Schema], translation: Translation
) -> Iterator[None]:
    """Add file, column and row to the errors of the rows."""
    used = translation.used
    try:
        yield
    except BadValueError as error:
        place = culprit.of_value(duck, schemas, translation.origins, used, str(error))
        raise BadValueError(f"{error}{place}") from None
    except EngineError as error:
        raise EngineError(f"{error}{culprit.of_engine(duck, schemas, used, str(error))}") from None


@contextmanager
def _duckdb_errors(name: str) -> Iterator[None]:
    """Raise errors of DuckDB as `DatamartError`, without its hints and excerpts of SQL."""
    try:
        yield
    except duckdb.InvalidInputException as error:  # error() in a query raises it too
        raise BadValueError(_message(error)) from None
    except duckdb.OutOfMemoryException as error:
        raise DatamartError(f"{name}: {_message(error)}; raise --memory_limit_mb") from None
    except (duckdb.Error, pa.ArrowException) as error:
        raise EngineError(f"{name}: {_message(error)}") from None


def _message(error: Exception) -> str:
    """The first line of the message, without the kind of error before it."""
    line = str(error).splitlines()[0]
    kind, _, message = line.partition(": ")
    return message if kind.endswith("Error") and message else line
