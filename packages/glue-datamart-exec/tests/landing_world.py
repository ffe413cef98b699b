"""A landing zone for tests: deliver objects, land them through the job's `main`, read the zones with pyarrow alone."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import boto3
import pyarrow as pa
import pyarrow.parquet as pq
from harness import FINAL_BUCKET, World
from pyiceberg.table import Table

from datamart_exec.final_zone.catalog import open_catalog

LANDING_BUCKET = "fsa-test-cars-landing"
FARM: dict[str, Any] = {
    "source_table": "Farm",
    "target_table": "farm",
    "columns": [
        {"src_col_nm": "Farm_Identifier", "target_column_name": "farm_identifier", "data_type": "bigint"},
        {"src_col_nm": "name", "target_column_name": "farm_nm", "data_type": "varchar(20)"},
        {"src_col_nm": "acres", "target_column_name": "acres", "data_type": "decimal(18, 4)"},
    ],
    "primary_key": "Farm_Identifier",
    "dedupe_key": "",
}
Row = tuple[Any, ...]  # farm_identifier, name, acres, op, dart_filedate
FIELDS: list[tuple[str, pa.DataType]] = [
    ("farm_identifier", pa.int64()),
    ("name", pa.string()),
    ("acres", pa.decimal128(18, 4)),
    ("op", pa.string()),
    ("dart_filedate", pa.date32()),
]
SCHEMA = pa.schema(FIELDS)


@dataclass
class LandingZone:
    """The landing zone and the zones behind it of one test."""

    world: World

    def declare(self, *tables: Mapping[str, Any]) -> None:
        """Put the target schema into the final bucket."""
        text = json.dumps({"tables": tables or [FARM]})
        self.world.put(f"{self.world.app}/_configs/{self.world.app}_target_schema.json", text.encode())

    def key(self, name: str, table: str = "Farm") -> str:
        return f"{self.world.app}/dbo/{table}/{name}.parquet"

    def deliver(self, name: str, rows: Sequence[Row] | pa.Table | bytes, table: str = "Farm") -> None:
        """Put an object under `name`, such as 20260601-1 or LOAD00000001."""
        body = rows
        if not isinstance(body, bytes):
            content = body if isinstance(body, pa.Table) else farm_table(body)
            buffer = io.BytesIO()
            pq.write_table(content, buffer)
            body = buffer.getvalue()
        self.world.s3.put_object(Bucket=LANDING_BUCKET, Key=self.key(name, table), Body=body)

    def withdraw(self, name: str, table: str = "Farm") -> None:
        self.world.s3.delete_object(Bucket=LANDING_BUCKET, Key=self.key(name, table))

    def land(self, day: str, tables: str = "ALL", **more: str) -> None:
        """Run the job's layer LANDING."""
        self.world.run("LANDING", tables, day, landing_bucket=LANDING_BUCKET, **more)

    def table(self, name: str = "farm") -> Table:
        return open_catalog().load_table((f"fsa-{self.world.env}-{self.world.app}", name))

    def state(self, day: str | None = None, name: str = "farm") -> list[dict[str, Any]]:
        """The rows at the end of a day, or now, as pyiceberg reads them."""
        table = self.table(name)
        ref = table.refs()[day or "main"]
        return table.scan(snapshot_id=ref.snapshot_id).to_arrow().to_pylist()

    def farms(self, day: str | None = None) -> dict[int, tuple[str, str]]:
        """Farms at the end of a day, or now: name and acres by identifier."""
        rows = self.state(day)
        found = {row["farm_identifier"]: (row["farm_nm"], str(row["acres"])) for row in rows}
        assert len(found) == len(rows)
        return found

    def changes(self, name: str = "farm") -> dict[str, list[Row]]:
        """The change zone: (identifier, name, op) by day, in the order of parts and rows."""
        prefix = f"{self.world.app}/_cdc/{name}/"
        found: dict[str, list[Row]] = {}
        for key in sorted(self.keys(FINAL_BUCKET, prefix)):
            body = self.world.s3.get_object(Bucket=FINAL_BUCKET, Key=key)["Body"].read()
            rows = pq.read_table(io.BytesIO(body)).to_pylist()
            day = key.removeprefix(prefix).partition("/")[0].removeprefix("dart_filedate=")
            assert all(row["dart_filedate"] == date.fromisoformat(day) for row in rows)
            found.setdefault(day, []).extend(
                (row["farm_identifier"], row["farm_nm"], row["op"]) for row in rows
            )
        return found

    def keys(self, bucket: str, prefix: str) -> list[str]:
        pages = self.world.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        return [entry["Key"] for page in pages for entry in page.get("Contents", ())]

    def manifest(self, table: str = "farm") -> dict[str, tuple[Any, ...]]:
        """Outcome, rows and rejected rows of each object, by its name."""
        rows = self.world.rows(
            "SELECT obj_key, outcome_nm, rcd_ct, rjct_ct FROM dart_process_control.landing_obj"
            f" WHERE app_nm = '{self.world.app}' AND tbl_nm = '{table}'"
        )
        return {key.rpartition("/")[2].removesuffix(".parquet"): tuple(rest) for key, *rest in rows}


def farm_table(rows: Sequence[Row]) -> pa.Table:
    columns = list(zip(*rows, strict=True)) if rows else [() for _ in SCHEMA]
    arrays = [pa.array(values, field.type) for values, field in zip(columns, SCHEMA, strict=True)]
    return pa.Table.from_arrays(arrays, schema=SCHEMA)


def make_database(world: World) -> None:
    """The catalog's database, which the deployer makes."""
    boto3.client("glue").create_database(DatabaseInput={"Name": f"fsa-{world.env}-{world.app}"})
