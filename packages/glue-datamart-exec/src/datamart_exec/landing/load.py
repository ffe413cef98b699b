"""The layer LANDING: one run lands many tables, each with its own lock, commit, ledger row and outcome."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import psycopg

from datamart_exec import logs, session, table_load
from datamart_exec.arguments import Arguments
from datamart_exec.errors import DatamartError, concise
from datamart_exec.final_zone.catalog import open_catalog
from datamart_exec.landing.manifest_store import ManifestStore
from datamart_exec.landing.object_names import Landed, parse_key
from datamart_exec.landing.places import Places
from datamart_exec.landing.table_landing import Landing, TableLanding
from datamart_exec.landing.target_schema import TargetSchema, TargetTable, parse
from datamart_exec.landing.zone_files import ZoneFiles
from datamart_exec.session import Connection, postgres_errors
from datamart_exec.staging.engine import allow_s3, open_duckdb
from datamart_exec.storage import Storage, StoredObject
from process_control import ledger

ALL = "ALL"
Listed = list[tuple[Landed, StoredObject]]


def load(arguments: Arguments, storage: Storage) -> table_load.Outcome:
    """Land the tables that `--table_name` lists, or ALL. Each is tried; then `DatamartError` names the failed ones."""
    places = Places(arguments.app, arguments.env, arguments.landing_bucket, arguments.final_bucket)
    schema = _target_schema(storage, places)
    listed = _listed(storage, places, schema)
    outcomes, failures = [], {}
    for target in _chosen(schema, arguments.table_names):
        try:
            outcomes.append(_table(arguments, storage, places, target, listed.get(target.source.lower(), [])))
        except (DatamartError, psycopg.Error) as error:
            failures[target.name] = concise(str(error))
            logs.error(failures[target.name], table=target.name)
    if failures:
        first, reason = next(iter(failures.items()))
        others = f"; also failed: {', '.join(list(failures)[1:])}" if len(failures) > 1 else ""
        raise DatamartError(reason if reason.startswith("LANDING.") else f"LANDING.{first}: {reason}{others}")
    return table_load.Outcome(sum(outcome.rows for outcome in outcomes))


def _target_schema(storage: Storage, places: Places) -> TargetSchema:
    """The target schema in the first of its places."""
    for bucket, key in places.schema_files():
        if any(found.key == key for found in storage.objects(bucket, key)):
            return parse(storage.read(bucket, key).decode("utf-8-sig"), f"s3://{bucket}/{key}")
    tried = " and ".join(f"s3://{bucket}/{key}" for bucket, key in places.schema_files())
    raise DatamartError(
        f"there is no target schema, looked for {tried}; put the file into one of these places"
    )


def _listed(storage: Storage, places: Places, schema: TargetSchema) -> Mapping[str, Listed]:
    """The objects of the landing zone by source table, in lower case; everything else is named in the log."""
    found: dict[str, Listed] = {}
    unknown: dict[str, int] = {}
    for stored in storage.objects(places.landing_bucket, places.landing_prefix):
        landed = parse_key(stored.key, places.landing_prefix)
        if landed and landed.table.lower() in schema.tables:
            found.setdefault(landed.table.lower(), []).append((landed, stored))
        elif not stored.key.endswith("/"):
            place = stored.key if landed is None else f"{places.landing_prefix}{landed.table}/"
            unknown[place] = unknown.get(place, 0) + 1
    for place, count in unknown.items():
        logs.warning(
            "not landed: no table of the target schema, or no name of the landing zone",
            place=place,
            objects=count,
        )
    return found


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
    arguments: Arguments, storage: Storage, places: Places, target: TargetTable, listed: Listed
) -> Landing:
    """Land one table and record it."""
    started_at = table_load.now()
    key = ledger.TableLoad(
        *(arguments.run, "LANDING", target.name, "", _digest(listed)),
        arguments.execution,
        arguments.job_run_id,
    )
    with session.open_connection(arguments) as conn, _locked(conn, arguments, target.name):
        try:
            with _table_landing(arguments, storage, places, target, conn) as work:
                landing = work.run(listed)
                with postgres_errors(f"LANDING.{target.name}: cannot record"):
                    ledger.record_complete(conn, key, started_at=started_at, row_count=landing.rows)
                    conn.commit()
                work.tidy(landing.table, key.input_digest)
        except (DatamartError, psycopg.Error) as error:
            conn.rollback()
            ledger.record_failed(conn, key, started_at=started_at, error=concise(str(error)))
            conn.commit()
            raise
    _log(target.name, landing)
    return landing


@contextmanager
def _table_landing(
    arguments: Arguments, storage: Storage, places: Places, target: TargetTable, conn: Connection
) -> Iterator[TableLanding]:
    with open_duckdb(arguments.limits) as duck:
        allow_s3(duck)
        # parts are written again under their names: what was read of them before does not count
        duck.execute("SET enable_http_metadata_cache = false")
        duck.execute("SET parquet_metadata_cache = false")
        store = ManifestStore(conn, places.app, target.name, arguments.job_run_id)
        zone = ZoneFiles(storage, places, target.name)
        yield TableLanding(
            duck, open_catalog(), zone, arguments.landing, target, store, arguments.run.start_date
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


def _log(table: str, landing: Landing) -> None:
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
    for repeated in work.repeated:
        logs.warning(
            "left out: repeated delivery", table=table, object=repeated.stored.key, original=repeated.original
        )
    for entry in work.archived:
        logs.warning(
            "gone, but its rows stay: they are older than the change zone; land a full load to be rid of them",
            table=table,
            object=entry.key,
        )
    for each in landing.read:
        if each.unreadable:
            logs.warning(
                "cannot be read, left out",
                table=table,
                object=each.arrival.landed.key,
                reason=each.unreadable,
            )
        if each.new_columns:
            logs.warning(
                "columns that the target schema lacks",
                object=each.arrival.landed.key,
                columns=each.new_columns,
            )
