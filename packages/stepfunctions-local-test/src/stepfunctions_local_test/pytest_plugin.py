"""pytest fixtures: `postgres_server`, `database` and `local_aws`; everything is started on first use only."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from stepfunctions_local_test.postgres import EmbeddedPostgres
    from stepfunctions_local_test.server import LocalAws

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Database:
    """An empty database of one test: its libpq URL and its settings as the product's secret holds them."""

    name: str
    dsn: str
    settings: dict[str, Any]


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[EmbeddedPostgres]:
    """A Postgres server for the whole test session: host, port, user, password, dsn(dbname)."""
    from stepfunctions_local_test.postgres import EmbeddedPostgres

    with EmbeddedPostgres() as server:
        yield server


@pytest.fixture
def database(postgres_server: EmbeddedPostgres) -> Iterator[Database]:
    """A fresh, empty database, dropped after the test with whatever is still connected to it."""
    name = f"test_{next(_numbers)}"
    postgres_server.create_database(name)
    yield Database(name, postgres_server.dsn(name), postgres_server.settings(name))
    postgres_server.drop_database(name)


@pytest.fixture(scope="session")
def local_aws() -> Iterator[LocalAws]:
    """A local AWS for the whole test session: endpoint_url, env, client(name)."""
    from stepfunctions_local_test.server import LocalAws

    with LocalAws() as aws:
        yield aws
