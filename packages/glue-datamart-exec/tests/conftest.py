"""Fixtures: a world with local AWS and a real Postgres, with schemas, ledger and one staging script in place."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from harness import DDL, FINAL_BUCKET, World
from random_files.spark import SparkMissingError, start

from local_aws.pytest_plugin import Database
from process_control.migrations import migrate

if TYPE_CHECKING:
    from local_aws.postgres import EmbeddedPostgres

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def s3(local_aws: Any) -> Any:
    client = local_aws.client("s3")
    client.create_bucket(Bucket=FINAL_BUCKET)
    return client


@pytest.fixture(scope="session")
def secrets_manager(local_aws: Any) -> Any:
    return local_aws.client("secretsmanager")


@pytest.fixture(scope="session")
def template(postgres_server: EmbeddedPostgres) -> str:
    """The name of a database with ledger and schemas, which tests get copies of."""
    name = "template_farm"
    postgres_server.create_database(name)
    with psycopg.connect(postgres_server.dsn(name)) as conn:
        migrate(conn)
        conn.execute(DDL)
    return name


@pytest.fixture
def farm_database(postgres_server: EmbeddedPostgres, template: str) -> Iterator[Database]:
    """A database with ledger and schemas."""
    server, name = postgres_server, f"farm_{next(_numbers)}"
    with psycopg.connect(server.dsn(), autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
    yield Database(name, server.host, server.port, server.user, server.password, server.dsn(name))
    server.drop_database(name)


@pytest.fixture
def world(
    local_aws: Any,
    s3: Any,
    secrets_manager: Any,
    farm_database: Database,
    secret: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> World:
    """A database with ledger and schemas, an app of its own in the bucket, and the farm's staging script."""
    for name, value in local_aws.env.items():
        monkeypatch.setenv(name, value)
    world = World(s3, secrets_manager, farm_database.dsn, f"cars{next(_numbers)}")
    secrets_manager.create_secret(Name=world.secret_name, SecretString=json.dumps(secret))
    world.staging()
    return world


@pytest.fixture
def secret(farm_database: Database) -> dict[str, Any]:
    """The content of the database secret for the test's database."""
    return {
        "edv_postgres_hostname": farm_database.host,
        "postgres_port": farm_database.port,
        "edv_postgres_database_name": farm_database.name,
        "postgres_prcs_ctrl_dbname": farm_database.name,
        "edv_postgres_username": farm_database.user,
        "edv_postgres_password": farm_database.password,
    }


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A local Spark; without it the test is skipped, or fails where REQUIRE_SPARK=1."""
    try:
        session = start(tmp_path_factory.mktemp("warehouse"))
    except SparkMissingError as error:
        if os.environ.get("REQUIRE_SPARK") == "1":
            pytest.fail(f"REQUIRE_SPARK=1, but {error}")
        pytest.skip(str(error))
    yield session
    session.stop()
