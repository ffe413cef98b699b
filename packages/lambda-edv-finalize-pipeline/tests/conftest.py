"""The function's environment: a secret that Secrets Manager answers with, and no real AWS."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from local_aws.pytest_plugin import Database
from process_control import settings

Local = Callable[[dict[str, Any]], None]


@pytest.fixture(autouse=True)
def no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DB_SECRET_NAME", raising=False)


@pytest.fixture
def local_secret(monkeypatch: pytest.MonkeyPatch) -> Local:
    """Give the secret its content and the function its environment variables."""

    class Secrets:
        def __init__(self, content: dict[str, Any]) -> None:
            self.content = content

        def get_secret_value(self, *, SecretId: str) -> dict[str, str]:  # noqa: N803 - boto3's spelling
            assert SecretId == "fsa-local/cars/postgres"
            return {"SecretString": json.dumps(self.content)}

    def use(content: dict[str, Any]) -> None:
        monkeypatch.setenv("DB_SECRET_NAME", "fsa-local/cars/postgres")
        monkeypatch.setenv("DB_SSLMODE", "disable")
        monkeypatch.setattr(settings, "_secrets_client", lambda: Secrets(content))

    return use


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
