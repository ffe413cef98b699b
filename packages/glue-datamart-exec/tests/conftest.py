"""Fixtures: a world with local AWS and a real Postgres, with schemas, ledger and one staging script in place."""

from __future__ import annotations

import itertools
import json
from typing import Any

import psycopg
import pytest
from harness import DDL, FINAL_BUCKET, World

from local_aws.pytest_plugin import Database
from process_control.migrations import migrate

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def s3(local_aws: Any) -> Any:
    client = local_aws.client("s3")
    client.create_bucket(Bucket=FINAL_BUCKET)
    return client


@pytest.fixture
def world(
    local_aws: Any, s3: Any, database: Database, secret: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> World:
    """An empty database with ledger and schemas, an app of its own in the bucket, and the farm's staging script."""
    for name, value in local_aws.env.items():
        monkeypatch.setenv(name, value)
    secrets = local_aws.client("secretsmanager")
    world = World(s3, secrets, database.dsn, f"cars{next(_numbers)}")
    secrets.create_secret(Name=world.secret_name, SecretString=json.dumps(secret))
    with psycopg.connect(database.dsn) as conn:
        migrate(conn)
        conn.execute(DDL)
    world.staging()
    return world


@pytest.fixture
def secret(database: Database) -> dict[str, Any]:
    """The content of the database secret for the test's database."""
    return {
        "edv_postgres_hostname": database.host,
        "postgres_port": database.port,
        "edv_postgres_database_name": database.name,
        "postgres_prcs_ctrl_dbname": database.name,
        "edv_postgres_username": database.user,
        "edv_postgres_password": database.password,
    }
