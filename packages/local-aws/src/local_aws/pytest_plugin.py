"""pytest fixtures: `postgres_server`, `database` and `local_aws`; all start on first use only."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from local_aws.postgres import EmbeddedPostgres
    from local_aws.server import LocalAws

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Database:
    """An empty database of one test: where it is and who may log in; `dsn` is its libpq URL."""

    name: str
    host: str
    port: int
    user: str
    password: str
    dsn: str


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[EmbeddedPostgres]:
    """A Postgres server for the whole test session: host, port, user, password, dsn(dbname)."""
    from local_aws.postgres import EmbeddedPostgres

    with EmbeddedPostgres() as server:
        yield server


@pytest.fixture
def database(postgres_server: EmbeddedPostgres) -> Iterator[Database]:
    """A fresh, empty database, dropped after the test with whatever is still connected to it."""
    server, name = postgres_server, f"test_{next(_numbers)}"
    server.create_database(name)
    yield Database(name, server.host, server.port, server.user, server.password, server.dsn(name))
    server.drop_database(name)


@pytest.fixture(scope="session")
def local_aws() -> Iterator[LocalAws]:
    """A local AWS for the whole test session: endpoint_url, env, client(name)."""
    from local_aws.server import LocalAws

    with LocalAws() as aws:
        yield aws
