"""The committed tree and its model, and a Postgres that has the tree's tables."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from deployer.configs.model import Model, load_model
from deployer.repository import repository_root
from stepfunctions_local_test.postgres import EmbeddedPostgres

from .vault import Vault, create_tables


@pytest.fixture(scope="session")
def tree_root() -> Path:
    return repository_root() / "car_configs"


@pytest.fixture(scope="session")
def model(tree_root: Path) -> Model:
    return load_model(tree_root / "metadata/model")


@pytest.fixture(scope="session")
def vault_server(postgres_server: EmbeddedPostgres, tree_root: Path) -> Iterator[str]:
    """The DSN of a database with all tables of the tree; tests leave no rows in it."""
    postgres_server.create_database("vault")
    dsn = postgres_server.dsn("vault")
    with psycopg.connect(dsn) as conn:
        create_tables(conn, tree_root)
    yield dsn
    postgres_server.drop_database("vault")


@pytest.fixture(scope="session")
def vault(vault_server: str, tree_root: Path, model: Model) -> Iterator[Vault]:
    """One connection to that database; `fresh()` gives an empty vault that is rolled back."""
    with psycopg.connect(vault_server) as conn:
        yield Vault(conn, tree_root, model)
