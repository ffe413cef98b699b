"""A table with the key (k, j) in a landing zone of tests: deliver its objects, land them, compare both zones."""

from __future__ import annotations

import io
import itertools
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from harness import FINAL_BUCKET
from landing_oracle import Key, Object, Oracle
from landing_world import LandingZone

TEXTS = ("j", "v", "op")
FIELDS: list[tuple[str, pa.DataType]] = [("k", pa.int64()), *((name, pa.string()) for name in TEXTS)]
SCHEMA = pa.schema([*FIELDS, ("dart_filedate", pa.date32())])
_numbers = itertools.count(1)


class Table:
    """One table of a landing zone, with the objects that lie there."""

    def __init__(self, zone: LandingZone, *, key: str) -> None:
        self.zone, self.name = zone, f"item_{next(_numbers)}"
        columns = [("k", "bigint"), ("j", "varchar(5)"), ("v", "varchar(5)")]
        zone.declare(
            {
                "source_table": self.name,
                "target_table": self.name,
                "columns": [
                    {"src_col_nm": name, "target_column_name": name, "data_type": kind}
                    for name, kind in columns
                ],
                "primary_key": key,
                "dedupe_key": "",
            }
        )
        self.there: dict[str, Object] = {}

    def bring(self, objects: Mapping[str, Object]) -> None:
        for name in self.there.keys() - objects.keys():
            self.zone.withdraw(name, self.name)
        for name, rows in objects.items():
            if self.there.get(name) != rows:
                self.zone.deliver(name, content(rows), self.name)
        self.there = dict(objects)

    def land(self, day: date, keep_dates: int) -> None:
        self.zone.land(
            day.isoformat(),
            self.name,
            keep_dates=str(keep_dates),
            reject_percent="100",
            on_unreadable="continue",
        )

    def check(self, oracle: Oracle) -> None:
        table = self.zone.table(self.name)
        tags = {name for name in table.refs() if name != "main" and not name.startswith("load-")}
        assert {date.fromisoformat(tag) for tag in tags} >= {day for day in oracle.tags if day >= oracle.edge}
        read: dict[int, dict[Key, str | None]] = {}
        for tag in sorted(tags):
            snapshot = table.refs()[tag].snapshot_id
            if snapshot not in read:
                read[snapshot] = rows_of(table.scan(snapshot_id=snapshot).to_arrow().to_pylist())
            assert read[snapshot] == oracle.state(date.fromisoformat(tag)), tag
        if tags:
            assert table.metadata.current_snapshot_id == table.refs()[max(tags)].snapshot_id
        changes, differences = self.change_zone()
        wanted = {
            day: [(row.key, row.value, row.op) for row in rows] for day, rows in oracle.changes().items()
        }
        assert changes == wanted
        assert differences == {day: rows for day in oracle.loads if (rows := oracle.differences(day))}
        manifest = {name: outcome[0] for name, outcome in self.zone.manifest(self.name).items()}
        assert manifest == oracle.manifest

    def change_zone(self) -> tuple[dict[date, list[Any]], dict[date, list[Any]]]:
        """The rows of both kinds of parts by day, in the order of parts and rows."""
        prefix = f"{self.zone.world.app}/_cdc/{self.name}/"
        found: tuple[dict[date, list[Any]], dict[date, list[Any]]] = ({}, {})

        def place(key: str) -> tuple[str, ...]:
            folder, _, stem = key.removesuffix(".parquet").rpartition("/")
            return (folder, *(part.zfill(20) for part in stem.split("-")))

        for key in sorted(self.zone.keys(FINAL_BUCKET, prefix), key=place):
            body = self.zone.world.s3.get_object(Bucket=FINAL_BUCKET, Key=key)["Body"].read()
            day = date.fromisoformat(key.split("dart_filedate=")[1][:10])
            rows = pq.read_table(io.BytesIO(body)).to_pylist()
            assert {row["dart_filedate"] for row in rows} == {day}
            kind = found[1] if key.endswith("/00000000-load.parquet") else found[0]
            kind.setdefault(day, []).extend(((row["k"], row["j"]), row["v"], row["op"]) for row in rows)
        return found


def content(rows: Object) -> pa.Table:
    columns: list[list[Any]] = [[row.key[0] for row in rows], [row.key[1] for row in rows]]
    columns += [[row.value for row in rows], [row.op for row in rows], [row.day for row in rows]]
    return pa.Table.from_arrays(
        [pa.array(values, field.type) for values, field in zip(columns, SCHEMA, strict=True)], schema=SCHEMA
    )


def rows_of(found: Sequence[Mapping[str, Any]]) -> dict[Key, str | None]:
    rows = {(row["k"], row["j"]): row["v"] for row in found}
    assert len(rows) == len(found)
    return rows
