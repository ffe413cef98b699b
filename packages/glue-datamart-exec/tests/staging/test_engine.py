"""DuckDB reads S3 objects by their names, and each once."""

from __future__ import annotations

from typing import Any

import boto3
import duckdb
import pyarrow as pa
import pytest
from harness import World, farm_rows

from datamart_exec.arguments import Limits
from datamart_exec.staging import engine

LIMITS = Limits(
    connect_timeout=5, lock_timeout_ms=1000, statement_timeout_ms=1000, memory_limit_mb=160, threads=1
)
NAMES = (
    *("part1", "part2", "part[12]", "a*b", "**", "a?b", "?s3_region=eu-north-1", "{a,b}", "[", "a]b", "!x"),
    *(
        "a%20b",
        "x%",
        "%2F",
        "a#b",
        "a b",
        "a+b",
        "a&b=c",
        "a\\b",
        "it's",
        'a"b',
        "a;b:c@d~",
        "\u00fc",
        "u\u0308",
    ),
)


def test_every_object_is_read_once_whatever_its_name(world: World) -> None:
    for number, name in enumerate(NAMES):
        world.changes(farm_rows(1, farm_identifier=pa.array([number], pa.int64())), name=name)
    world.release()
    world.run("STG", "FARM")
    rows = world.rows("SELECT farm_id FROM cars_stg.farm ORDER BY farm_id")
    assert [row[0] for row in rows] == list(range(len(NAMES)))


@pytest.mark.parametrize("endpoint", [None, "http://127.0.0.1:1"])
def test_buckets_are_addressed_by_path(monkeypatch: pytest.MonkeyPatch, endpoint: str | None) -> None:
    """A bucket with dots has no host name that the certificate of S3 covers."""
    session: Any = boto3.session.Session("key", "secret", region_name="us-east-1")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", session)
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.delenv(name, raising=False)
        if endpoint:
            monkeypatch.setenv(name, endpoint)
    with engine.open_duckdb(LIMITS) as duck:
        engine.allow_s3(duck)
        (secret,) = duck.execute("SELECT secret_string FROM duckdb_secrets()").fetchall()[0]
    assert "url_style=path" in secret


def test_no_pattern_reaches_beyond_its_object(world: World) -> None:
    world.put(f"{world.app}/other/1.parquet", farm_rows(1))
    with engine.open_duckdb(LIMITS) as duck:
        engine.allow_s3(duck)
        with pytest.raises(duckdb.Error, match=r"404"):
            duck.execute(
                f"SELECT * FROM read_parquet(['s3://fsa-test-cars-final/{world.app}/other/*.parquet'])"
            )
