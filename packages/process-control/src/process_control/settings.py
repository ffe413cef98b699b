"""Database settings from a Secrets Manager secret. Opens no database connection."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal, Protocol, cast

from process_control.errors import SettingsError

Database = Literal["edv", "process_control"]

SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
DEFAULT_DATABASE = "EDV"
REQUIRED_KEYS = ("edv_postgres_hostname", "postgres_port", "edv_postgres_username", "edv_postgres_password")


class SecretsClient(Protocol):
    """The one method of a boto3 Secrets Manager client that is called here."""

    def get_secret_value(self, *, SecretId: str) -> Mapping[str, Any]: ...  # noqa: N803 - boto3's spelling


@dataclass(frozen=True, slots=True)
class DatabaseSettings:
    """Connection settings for libpq; `connect_timeout` in seconds, `sslrootcert` None means the RDS bundle."""

    host: str
    port: int
    dbname: str
    user: str
    password: str = field(repr=False)
    sslmode: str = "verify-full"
    sslrootcert: str | None = None
    connect_timeout: int = 5


def settings_from_secret(
    secret: Mapping[str, Any],
    *,
    database: Database = "edv",
    sslmode: str = "verify-full",
    connect_timeout: int = 5,
    sslrootcert: str | None = None,
    source: str = "database secret",
) -> DatabaseSettings:
    """Settings of one of the secret's two databases; raises `SettingsError` that lists every problem.

    `process_control` is `postgres_prcs_ctrl_dbname`, or the EDV database when that key is absent or empty.
    """
    problems = [f"{key!r} is missing" for key in REQUIRED_KEYS if secret.get(key) in (None, "")]
    port = _port(secret.get("postgres_port"), problems)
    if sslmode not in SSL_MODES:
        problems.append(f"sslmode is {sslmode!r} (one of {', '.join(SSL_MODES)})")
    if problems:
        count = f"{len(problems)} problem{'s' if len(problems) > 1 else ''}"
        raise SettingsError(f"{source}: {count}: {'; '.join(problems)}")
    edv = str(secret.get("edv_postgres_database_name") or DEFAULT_DATABASE)
    dbname = edv if database == "edv" else str(secret.get("postgres_prcs_ctrl_dbname") or edv)
    return DatabaseSettings(
        host=str(secret["edv_postgres_hostname"]),
        port=port,
        dbname=dbname,
        user=str(secret["edv_postgres_username"]),
        password=str(secret["edv_postgres_password"]),
        sslmode=sslmode,
        sslrootcert=sslrootcert,
        connect_timeout=connect_timeout,
    )


def load_settings(
    secret_name: str,
    *,
    database: Database = "edv",
    sslmode: str = "verify-full",
    connect_timeout: int = 5,
    sslrootcert: str | None = None,
    client: SecretsClient | None = None,
) -> DatabaseSettings:
    """Read the secret and make settings of it. Without `client`, a client with short timeouts is made and kept."""
    return settings_from_secret(
        read_secret(secret_name, client or _secrets_client()),
        database=database,
        sslmode=sslmode,
        connect_timeout=connect_timeout,
        sslrootcert=sslrootcert,
        source=f"secret {secret_name!r}",
    )


def read_secret(secret_name: str, client: SecretsClient) -> dict[str, Any]:
    """The secret's JSON object; raises `SettingsError` that names what to create, grant or correct."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        answer = client.get_secret_value(SecretId=secret_name)
    except ClientError as error:
        raise SettingsError(_refusal(secret_name, error.response.get("Error", {}))) from error
    except BotoCoreError as error:
        raise SettingsError(f"secret {secret_name!r} cannot be read: {error}") from error
    try:
        secret = json.loads(answer.get("SecretString") or "")
    except ValueError:
        secret = None  # the text may hold a password and must not reach a message or a traceback
    if not isinstance(secret, dict):
        raise SettingsError(f"secret {secret_name!r} must hold a JSON object with {', '.join(REQUIRED_KEYS)}")
    return secret


def _refusal(secret_name: str, error: Mapping[str, Any]) -> str:
    code = error.get("Code", "unknown error")
    if code == "ResourceNotFoundException":
        return (
            f"secret {secret_name!r} does not exist in this account and region;"
            " create it or correct the secret name in the configuration"
        )
    if code == "AccessDeniedException":
        return f"secret {secret_name!r} may not be read; grant this role secretsmanager:GetSecretValue on it"
    return f"secret {secret_name!r} cannot be read: {code}: {error.get('Message', '')}"


def _port(value: object, problems: list[str]) -> int:
    if value in (None, ""):
        return 0
    text = str(value).strip()
    port = int(text) if text.isascii() and text.isdigit() else 0
    if not 1 <= port <= 65535:
        problems.append(f"'postgres_port' is {value!r} (a number from 1 to 65535)")
    return port


@lru_cache(maxsize=1)
def _secrets_client() -> SecretsClient:
    import boto3
    from botocore.config import Config

    config = Config(connect_timeout=2, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 2})
    return cast("SecretsClient", boto3.client("secretsmanager", config=config))
