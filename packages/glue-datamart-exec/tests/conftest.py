"""Fixtures: a world with local AWS and a real Postgres, with schemas, ledger and one staging script in place."""

from __future__ import annotations

import itertools
import json
from typing import Any

import psycopg
import pytest
from harness import DDL, FINAL_BUCKET, World

from process_control.migrations import migrate

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def s3(local_aws: Any) -> Any:
    client = local_aws.client("s3")
    client.create_bucket(Bucket=FINAL_BUCKET)
    return client


@pytest.fixture
def world(local_aws: Any, s3: Any, database: Any, monkeypatch: pytest.MonkeyPatch) -> World:
    """An empty database with ledger and schemas, an app of its own in the bucket, and the farm's staging script."""
    for name, value in local_aws.env.items():
        monkeypatch.setenv(name, value)
    secrets = local_aws.client("secretsmanager")
    world = World(s3, secrets, database.dsn, f"cars{next(_numbers)}")
    secrets.create_secret(Name=world.secret_name, SecretString=json.dumps(database.settings))
    with psycopg.connect(database.dsn) as conn:
        migrate(conn)
        conn.execute(DDL)
    world.staging()
    return world
