"""The layer LANDING: one run lands many tables, each with its own lock, commit, ledger row and outcome."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import psycopg

from datamart_exec import logs, session, table_load
from datamart_exec.arguments import Arguments
from datamart_exec.errors import DatamartError, concise
from datamart_exec.final_zone.catalog import open_catalog
from datamart_exec.landing import report
from datamart_exec.landing.failures import plain_errors
from datamart_exec.landing.listing import Zone, list_zone
from datamart_exec.landing.manifest_store import ManifestStore
from datamart_exec.landing.object_names import Landed
from datamart_exec.landing.places import Places
from datamart_exec.landing.quality_store import QualityStore
from datamart_exec.landing.table_landing import Landing, TableLanding
from datamart_exec.landing.target_schema import SchemaError, TargetSchema, TargetTable, parse
from datamart_exec.landing.zone_files import ZoneFiles
from datamart_exec.session import Connection, postgres_errors
from datamart_exec.staging.engine import allow_s3, open_duckdb
from datamart_exec.storage import Storage, StoredObject
from process_control import ledger

ALL = "ALL"
LOGGED = 4000  # characters of a failure


def load(arguments: Arguments, storage: Storage) -> table_load.Outcome:
    """Land the tables that `--table_name` lists, or ALL. All are tried; then `DatamartError` names the failed ones."""
    places = Places(arguments.app, arguments.env, arguments.landing_bucket, arguments.final_bucket)
    schema = _target_schema(storage, places)
    zone = list_zone(storage, places, schema)
    outcomes, failures = [], {}
    strange = list(report.unlisted(zone.unlisted))
    for target in _chosen(schema, arguments.table_names):
        try:
            outcomes.append(_table(arguments, storage, places, target, zone, strange))
            strange = []  # told once a run
        except (DatamartError, psycopg.Error) as error:
            failures[target.name] = concise(str(error))
            logs.error(" ".join(str(error).split())[:LOGGED], table=target.name)
    for warning in strange:
        logs.warning(warning)
    if failures:
        first, reason = next(iter(failures.items()))
        others = f"; also failed: {', '.join(list(failures)[1:])}" if len(failures) > 1 else ""
        raise DatamartError(reason if reason.startswith("LANDING.") else f"LANDING.{first}: {reason}{others}")
    return table_load.Outcome(sum(outcome.rows for outcome in outcomes))


def _target_schema(storage: Storage, places: Places) -> TargetSchema:
    """The target schema in the first of its places. Its problems are all in the log."""
    for bucket, key in places.schema_files():
        if any(found.key == key for found in storage.objects(bucket, key)):
            try:
                return parse(storage.read(bucket, key), f"s3://{bucket}/{key}")
            except SchemaError as error:
                for problem in error.problems:
                    logs.error(problem, schema=f"s3://{bucket}/{key}")
                raise
    tried = " and ".join(f"s3://{bucket}/{key}" for bucket, key in places.schema_files())
    raise DatamartError(
        f"there is no target schema, looked for {tried}; put the file into one of these places"
    )


def _chosen(schema: TargetSchema, names: Sequence[str]) -> list[TargetTable]:
    by_name = {table.name.upper(): table for table in schema.tables.values()}
    by_name |= {table.source.upper(): table for table in schema.tables.values()}
    if list(names) == [ALL]:
        return list(schema.tables.values())
    if missing := [name for name in names if name not in by_name]:
        known = ", ".join(sorted(table.name for table in schema.tables.values()))
        raise DatamartError(f"the target schema has no table {', '.join(missing)}; it has {known}")
    return list(dict.fromkeys(by_name[name] for name in names))


def _table(
    arguments: Arguments,
    storage: Storage,
    places: Places,
    target: TargetTable,
    zone: Zone,
    strange: Sequence[str],
) -> Landing:
    """Land one table and record it, and with it the warnings `strange`, which are about no table."""
    started_at, listed = table_load.now(), zone.of(target)
    key = ledger.TableLoad(
        *(arguments.run, "LANDING", target.name, "", _digest(listed)),
        arguments.execution,
        arguments.job_run_id,
    )
    with session.open_connection(arguments) as conn, _locked(conn, arguments, target.name):
        try:
            with _table_landing(arguments, storage, places, target, zone, conn) as work:
                with plain_errors(target.name):
                    landing = work.run(zone.of(target))
                told = [*strange, *landing.warnings]
                with postgres_errors(f"LANDING.{target.name}: cannot record"):
                    ledger.record_complete(
                        conn, key, started_at=started_at, row_count=landing.rows, warnings=told
                    )
                    conn.commit()
                with plain_errors(target.name):
                    work.tidy(landing.table, key.input_digest)
        except (DatamartError, psycopg.Error) as error:
            conn.rollback()
            ledger.record_failed(conn, key, started_at=started_at, error=concise(str(error)))
            conn.commit()
            raise
    _log(target.name, landing, told)
    return landing


@contextmanager
def _table_landing(
    arguments: Arguments,
    storage: Storage,
    places: Places,
    target: TargetTable,
    zone: Zone,
    conn: Connection,
) -> Iterator[TableLanding]:
    with open_duckdb(arguments.limits) as duck:
        allow_s3(duck)
        # parts are written again under their names: what was read of them before does not count
        duck.execute("SET enable_http_metadata_cache = false")
        duck.execute("SET parquet_metadata_cache = false")
        run_id = arguments.job_run_id
        yield TableLanding(
            duck,
            open_catalog(),
            ZoneFiles(storage, places, target.name),
            arguments.landing,
            target,
            ManifestStore(conn, places.app, target.name, run_id),
            QualityStore(conn, places, target.name, _digest(zone.of(target)), run_id),
            arguments.run.start_date,
            zone.earlier,
        )


@contextmanager
def _locked(conn: Connection, arguments: Arguments, table: str) -> Iterator[None]:
    """Hold the table's lock for the whole landing, over all its transactions."""
    number = ledger.lock_number("LANDING", table)
    with postgres_errors(f"LANDING.{table}: another landing of this table runs"):
        session.prepare(conn, arguments.limits)
        conn.execute("SELECT pg_advisory_lock(%s)", (number,))
        conn.commit()
    yield  # the lock ends with the connection


def _digest(listed: Iterable[tuple[Landed, StoredObject]]) -> str:
    """The digest of a table's objects as they are now."""
    return table_load.digest_of([f"{stored.key} {stored.etag} {stored.size}" for _, stored in listed])


def _log(table: str, landing: Landing, told: Sequence[str]) -> None:
    work = landing.plan
    logs.info(
        "table landed",
        table=table,
        objects=len(landing.read),
        rows=landing.rows,
        rejected=sum(each.rejected for each in landing.read),
        corrected=len(work.corrected),
        withdrawn=len(work.withdrawn),
        days=list(landing.days),
    )
    for warning in told:
        logs.warning(warning, table=table)
