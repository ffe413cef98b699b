"""Writes a day of the source to S3: rewrites changed tables in the final zone, adds files to the change zone."""

import io
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

import pyarrow.parquet as pq

from cars_acceptance.source.load import Load
from cars_acceptance.source.schema import Schema
from cars_acceptance.source.state import Row
from cars_acceptance.source.tables import to_arrow

ROWS_PER_FILE = 4000
THREADS = 4


class Object(NamedTuple):
    """One parquet file to be written."""

    key: str
    body: bytes
    rows: int


@dataclass(frozen=True)
class Zones:
    """The data zones of one application in one bucket: `{app}/{table}/` and `{app}/_cdc/{table}/`."""

    bucket: str
    app: str
    schema: Schema

    def objects(self, load: Load) -> Iterator[Object]:
        """The files of a load: deterministic names and bytes. A table that is not generated gets its columns, no rows."""
        for table, rows in load.final.items():
            for part, start in enumerate(range(0, max(len(rows), 1), ROWS_PER_FILE)):
                name = f"{self.app}/{table}/{load.day:%Y%m%d}-{part:04d}.parquet"
                yield self._object(name, table, rows[start : start + ROWS_PER_FILE])
        for table, files in load.changes.items():
            yield from self._changes(table, load.day, files, load.day)
        for table in sorted(self.schema.tables.keys() - load.final.keys()) if load.initial else ():
            yield self._object(f"{self.app}/{table}/{load.day:%Y%m%d}-0000.parquet", table, [])
        for day, tables in load.late.items():
            for table, files in tables.items():
                yield from self._changes(table, day, files, load.day)

    def _changes(self, table: str, day: date, files: Sequence[Sequence[Row]], sent: date) -> Iterator[Object]:
        for part, rows in enumerate(files, 1):
            name = f"{self.app}/_cdc/{table}/dart_filedate={day}/{sent:%Y%m%d}-{part}.parquet"
            yield self._object(name, table, rows, partitioned=True)

    def _object(self, name: str, table: str, rows: Sequence[Row], *, partitioned: bool = False) -> Object:
        """A parquet file. In a partition, tables with an even name length leave the partition's column to the path."""
        leave_out = partitioned and len(table) % 2 == 0
        schema = self.schema.without(table, "dart_filedate") if leave_out else self.schema.tables[table]
        sink = io.BytesIO()
        pq.write_table(to_arrow(table, rows, schema), sink, compression="zstd", compression_level=1)
        return Object(name, sink.getvalue(), len(rows))


@dataclass(frozen=True)
class Written:
    """What a load put into the bucket."""

    files: int
    rows: int
    bytes: int


def write(s3: Any, zones: Zones, load: Load) -> Written:
    """Write a load and remove the files of the final zone that it replaces."""
    objects = list(zones.objects(load))
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda item: s3.put_object(Bucket=zones.bucket, Key=item.key, Body=item.body), objects))
    written = {item.key for item in objects}
    for table in load.final:
        _remove_others(s3, zones, table, written)
    return Written(len(objects), sum(item.rows for item in objects), sum(len(item.body) for item in objects))


def _remove_others(s3: Any, zones: Zones, table: str, keep: set[str]) -> None:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=zones.bucket, Prefix=f"{zones.app}/{table}/")
    stale = [item["Key"] for page in pages for item in page.get("Contents", ()) if item["Key"] not in keep]
    for start in range(0, len(stale), 1000):
        batch = [{"Key": key} for key in stale[start : start + 1000]]
        s3.delete_objects(Bucket=zones.bucket, Delete={"Objects": batch})
