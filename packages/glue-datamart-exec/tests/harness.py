"""A small world for the job: a config release, Parquet zones, a database, and runs of the real `main`."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq

from datamart_exec.main import main

CONFIG_BUCKET = FINAL_BUCKET = "fsa-test-cars-final"
SECRET = "fsa-test/cars/postgres"
DAY = "2025-03-01"

DDL = """
CREATE SCHEMA IF NOT EXISTS cars_stg;
CREATE SCHEMA IF NOT EXISTS edv;
CREATE TABLE IF NOT EXISTS cars_stg.farm (
    farm_id bigint, pgm_yr integer, acres numeric(18,4), farm_nm varchar, st_cd varchar(2), cre_dt timestamp,
    cdc_oper_cd varchar(2), cdc_dt date, load_dt timestamp
);
CREATE TABLE IF NOT EXISTS edv.farm_h (farm_h_id text PRIMARY KEY, load_dt timestamp NOT NULL);
CREATE TABLE IF NOT EXISTS edv.farm_hs (farm_h_id text, farm_nm varchar, load_dt timestamp);
"""
STAGING = """
SELECT f.farm_identifier AS farm_id, f.program_year AS pgm_yr, f.acres, f.name AS farm_nm, f.state AS st_cd,
       CAST(f.created AS TIMESTAMP) AS cre_dt, CASE WHEN f.op = 'U' THEN 'UN' ELSE f.op END AS cdc_oper_cd,
       f.dart_filedate AS cdc_dt, CAST('{ETL_START_TIMESTAMP}' AS TIMESTAMP) AS load_dt
FROM `fsa-{env}-cars-cdc`.`farm` f WHERE f.dart_filedate = '{ETL_START_DATE}'
"""
HUB = """
INSERT INTO edv.farm_h (farm_h_id, load_dt)
SELECT DISTINCT md5(farm_id::varchar), TIMESTAMP '{ETL_START_TIMESTAMP}' FROM cars_stg.farm ON CONFLICT DO NOTHING;
"""
SATELLITE = "INSERT INTO edv.farm_hs SELECT md5(farm_id::varchar), farm_nm, load_dt FROM cars_stg.farm;"


def farm_rows(count: int = 3, **changed: object) -> pa.Table:
    """`count` good rows of the source table farm; `changed` replaces whole columns (None: leaves them out)."""
    columns: dict[str, Any] = {
        "farm_identifier": pa.array(range(count), pa.int64()),
        "program_year": pa.array([2025] * count, pa.int32()),
        "acres": pa.array([f"{index}.2500" for index in range(count)]).cast(pa.decimal128(18, 4)),
        "name": pa.array([f"farm {index}" for index in range(count)]),
        "state": pa.array(["01"] * count),
        "created": pa.array([1_700_000_000_000_000 + index for index in range(count)], pa.timestamp("us")),
        "op": pa.array(["I"] * count),
        **changed,
    }
    return pa.table({name: values for name, values in columns.items() if values is not None})


@dataclass
class World:
    """The buckets, the database and the release of one test; `tables` is the manifest's part."""

    s3: Any
    secrets: Any
    dsn: str
    prefix: str
    env: str = "test"
    files: dict[str, str] = field(default_factory=dict)
    tables: dict[str, dict[str, Any]] = field(default_factory=dict)

    def script(self, path: str, text: str) -> None:
        self.files[path] = text

    def table(self, layer: str, name: str, scripts: Any, requires: Sequence[str] = ()) -> None:
        self.tables.setdefault(layer, {})[name] = {"scripts": scripts, "requires": list(requires)}

    def staging(self, text: str = STAGING, name: str = "FARM") -> None:
        """A script for the incremental run; its databases are those of this test's app."""
        path = f"STG/{name}/incremental/{name}.sql"
        self.script(path, text.replace("fsa-{env}-cars", f"fsa-{{env}}-{self.app}"))
        self.table("STG", name, {"incremental": [path]})

    def warehouse(self, name: str, *texts: str, requires: Sequence[str] = (), layer: str = "EDV") -> None:
        paths = [f"{layer}/{name}/{number}_STEP.sql" for number in range(1, len(texts) + 1)]
        for path, text in zip(paths, texts, strict=True):
            self.script(path, text)
        self.table(layer, name, paths, requires)

    def put(self, key: str, body: bytes | pa.Table) -> None:
        if isinstance(body, pa.Table):
            buffer = io.BytesIO()
            pq.write_table(body, buffer)
            body = buffer.getvalue()
        self.s3.put_object(Bucket=FINAL_BUCKET, Key=key, Body=body)

    @property
    def app(self) -> str:
        """A name of its own for each test, so that tests share the bucket."""
        return self.prefix

    @property
    def secret_name(self) -> str:
        return f"{SECRET}-{self.prefix}"

    def change_secret(self, **changed: object) -> None:
        """Put other values into the database secret."""
        found = json.loads(self.secrets.get_secret_value(SecretId=self.secret_name)["SecretString"])
        self.secrets.put_secret_value(
            SecretId=self.secret_name, SecretString=json.dumps({**found, **changed})
        )

    def changes(self, rows: pa.Table, day: str = DAY, table: str = "farm", name: str = "1") -> None:
        self.put(f"{self.app}/_cdc/{table}/dart_filedate={day}/{name}.parquet", rows)

    def final(self, rows: pa.Table, table: str = "farm", name: str = "1") -> None:
        self.put(f"{self.app}/{table}/{name}.parquet", rows)

    def release(self) -> str:
        """Push the scripts as a release and point at it."""
        digests = {path: hashlib.sha256(text.encode()).hexdigest() for path, text in self.files.items()}
        release = hashlib.sha256(json.dumps([digests, self.tables]).encode()).hexdigest()[:32]
        root = f"{self.app}/_configs"
        manifest = {
            "version": 1,
            "release": release,
            "files": {path: {"sha256": digest} for path, digest in digests.items()},
            "tables": self.tables,
        }
        for path, text in self.files.items():
            self.put(f"{root}/releases/{release}/{path}", text.encode())
        self.put(f"{root}/releases/{release}/manifest.json", json.dumps(manifest).encode())
        self.put(f"{root}/current.json", json.dumps({"release": release}).encode())
        return release

    def arguments(self, layer: str, table: str, day: str = DAY, **more: str) -> list[str]:
        given = {
            "JOB_NAME": "FSA-test-DATAMART-EXEC-DB-SQL",
            "layer": layer,
            "table_name": table,
            "data_src_nm": "cars",
            "run_type": "incremental",
            "start_date": day,
            "env": self.env,
            "app": self.app,
            "secret_name": self.secret_name,
            "sslmode": "disable",
            "config_bucket": CONFIG_BUCKET,
            "config_prefix": f"/{self.app}/_configs/",
            "final_bucket": FINAL_BUCKET,
            "execution": f"run-{day}",
            **more,
        }
        return [word for name, value in given.items() for word in (f"--{name}", value)]

    def run(self, layer: str, table: str, day: str = DAY, **more: str) -> None:
        main(self.arguments(layer, table, day, **more))

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.dsn) as conn:
            return conn.execute(query.encode()).fetchall()

    def execute(self, query: str) -> None:
        with psycopg.connect(self.dsn) as conn:
            conn.execute(query.encode())

    def ledger(self, table: str) -> list[tuple[str, int | None, str | None]]:
        """Status, rows and error of every try of a table, in order."""
        return self.rows(
            "SELECT data_ppln_oper_stat_nm, rcd_ct, err_msg_txt FROM dart_process_control.data_ppln_oper"
            f" WHERE data_obj_nm = '{table}' ORDER BY data_ppln_oper_id"
        )


def log_lines(text: str) -> list[Mapping[str, Any]]:
    """The JSON lines of a run's standard output."""
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]
