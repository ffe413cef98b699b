"""A migrated database, and as many connections to it as a test wants."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from loads import Connection

from process_control.connection import connect
from process_control.migrations import migrate
from process_control.settings import DatabaseSettings, settings_from_secret


@pytest.fixture
def empty(database: Any) -> DatabaseSettings:
    """A database without any table."""
    return settings_from_secret(database.settings, sslmode="disable")


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
