"""A migrated database, and as many connections to it as a test wants."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from loads import Connection

from local_aws.pytest_plugin import Database
from process_control.connection import connect
from process_control.migrations import migrate
from process_control.settings import DatabaseSettings, settings_from_secret


@pytest.fixture
def empty(secret: dict[str, Any]) -> DatabaseSettings:
    """A database without any table."""
    return settings_from_secret(secret, sslmode="disable")


@pytest.fixture
def settings(empty: DatabaseSettings) -> DatabaseSettings:
    """A database with the ledger's tables."""
    with connect(empty, application_name="migrate") as conn:
        migrate(conn)
    return empty


@pytest.fixture
def open_connection(settings: DatabaseSettings) -> Iterator[Callable[[], Connection]]:
    """Makes connections that are closed after the test."""
    with ExitStack() as stack:

        def opened() -> Connection:
            conn = connect(settings, application_name="test", statement_timeout_ms=20_000)
            stack.callback(conn.close)
            return conn

        yield opened


@pytest.fixture
def conn(open_connection: Callable[[], Connection]) -> Connection:
    return open_connection()


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
