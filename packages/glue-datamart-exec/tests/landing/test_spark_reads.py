"""Spark, DuckDB and pyiceberg read one state of a day alike: also one that a late row and a withdrawal corrected."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from landing_world import LandingZone

from datamart_exec.iceberg.as_of import FinalTables
from datamart_exec.staging.engine import allow_s3
from datamart_exec.storage import Storage

D1, D2, D3 = (date(2026, 6, day) for day in (1, 2, 3))
COLUMNS = ("farm_identifier", "farm_nm", "acres", "op", "dart_filedate")
Rows = list[tuple[Any, ...]]


@pytest.fixture
def jars() -> Path:
    """The folder with iceberg-spark-runtime and iceberg-aws-bundle, which the variable ICEBERG_JARS names."""
    folder = Path(os.environ.get("ICEBERG_JARS") or "absent")
    if not sorted(folder.glob("iceberg-*.jar")):
        pytest.skip(
            "ICEBERG_JARS names no folder with iceberg-spark-runtime-3.5_2.12 and iceberg-aws-bundle 1.10.1"
        )
    if importlib.util.find_spec("pyspark") is None:
        pytest.skip("pyspark is not installed; `nox -s spark` installs it")
    if not shutil.which("java"):
        pytest.skip("there is no java")
    return folder


def as_text(rows: list[dict[str, Any]]) -> Rows:
    return sorted(tuple(None if row[name] is None else str(row[name]) for name in COLUMNS) for row in rows)


def by_spark(jars: Path, endpoint: str, *queries: str) -> list[Rows]:
    program = Path(__file__).with_name("spark_reads.py")
    done = subprocess.run(
        [sys.executable, str(program), str(jars), endpoint, *queries],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return [as_text(json.loads(line)) for line in done.stdout.splitlines()]


def by_duckdb(zone: LandingZone, day: date) -> Rows:
    table = FinalTables(Storage()).find(f"fsa-{zone.world.env}-{zone.world.app}", "farm")
    assert table is not None
    paths = [file.path for file in table.state(day).files]
    with duckdb.connect() as duck:
        allow_s3(duck)
        rows = duck.execute(f"SELECT {', '.join(COLUMNS)} FROM read_parquet(?)", [paths]).fetchall()
    return as_text([dict(zip(COLUMNS, row, strict=True)) for row in rows])


@pytest.mark.spark
def test_three_readers_see_the_same_states(zone: LandingZone, jars: Path) -> None:
    zone.deliver(
        "LOAD00000001", [(1, "one", Decimal("1.5"), None, D1), (2, "two", Decimal("2.25"), None, D1)]
    )
    zone.deliver("20260602-1", [(3, None, Decimal("3"), "I", D2)])
    zone.deliver("20260602-2", [(1, "withdrawn", Decimal("9"), "U", D2)])
    zone.land("2026-06-02")
    zone.deliver("20260603-1", [(2, None, None, "D", D3), (1, "late", Decimal("1"), "U", D1)])
    zone.withdraw("20260602-2")
    zone.land("2026-06-03")
    table = f"lake.`fsa-{zone.world.env}-{zone.world.app}`.farm"
    queries = [f"SELECT * FROM {table} VERSION AS OF '{day}'" for day in (D1, D2, D3)]
    *states, latest = by_spark(jars, os.environ["AWS_ENDPOINT_URL"], *queries, f"SELECT * FROM {table}")
    assert [[(row[0], row[1]) for row in rows] for rows in states] == [
        [("1", "late"), ("2", "two")],
        [("1", "late"), ("2", "two"), ("3", None)],
        [("1", "late"), ("3", None)],
    ]
    assert latest == states[-1]
    for day, rows in zip((D1, D2, D3), states, strict=True):
        assert by_duckdb(zone, day) == rows
        assert as_text([dict(row) for row in zone.state(day.isoformat())]) == rows
