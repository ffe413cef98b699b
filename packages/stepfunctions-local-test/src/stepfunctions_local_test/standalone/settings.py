"""The environment variables of Step Functions Local, read and checked.

Names and meaning: https://docs.aws.amazon.com/step-functions/latest/dg/sfn-local-config-options.html
`SFN_LOCAL_BIND` and `SFN_LOCAL_PORT` are our own, for containers on the host's network.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

from local_aws.errors import LocalAwsError

PORT = 8083
EVERYWHERE = "0.0.0.0"  # noqa: S104 - a container's port is published by whoever runs it
ENDPOINTS = MappingProxyType(
    {
        "lambda": "LAMBDA_ENDPOINT",
        "glue": "GLUE_ENDPOINT",
        "stepfunctions": "STEP_FUNCTIONS_ENDPOINT",
        "batch": "BATCH_ENDPOINT",
        "dynamodb": "DYNAMODB_ENDPOINT",
        "ecs": "ECS_ENDPOINT",
        "sns": "SNS_ENDPOINT",
        "sqs": "SQS_ENDPOINT",
    }
)


class SettingsError(LocalAwsError):
    """A variable that cannot be used."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Address to listen on, endpoints to call, scale of waits, mock configuration."""

    endpoints: Mapping[str, str]
    wait_time_scale: float = 1.0
    mock_config: Path | None = None
    bind: str = EVERYWHERE
    port: int = PORT

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> "Settings":
        """The settings in `variables`; empty ones count as absent. Raises `SettingsError`."""
        given = {name: value for name, value in variables.items() if value}
        config = given.get("SFN_MOCK_CONFIG")
        return cls(
            endpoints={
                service: endpoint(name, given[name]) for service, name in ENDPOINTS.items() if name in given
            },
            wait_time_scale=scale(given.get("WAIT_TIME_SCALE", "1")),
            mock_config=Path(config) if config else None,
            bind=given.get("SFN_LOCAL_BIND", EVERYWHERE),
            port=port(given.get("SFN_LOCAL_PORT", str(PORT))),
        )


def endpoint(name: str, value: str) -> str:
    """A URL of http or https."""
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise SettingsError(f"{name} must be a URL such as http://127.0.0.1:4566, got {value!r}")
    return value


def scale(value: str) -> float:
    """The factor of every wait, 0 or more; 0.1 makes waits ten times shorter."""
    try:
        factor = float(value)
    except ValueError:
        factor = -1.0
    if not 0 <= factor < float("inf"):
        raise SettingsError(f"WAIT_TIME_SCALE must be a number from 0 upwards, got {value!r}")
    return factor


def port(value: str) -> int:
    """A TCP port; 0 takes a free one."""
    if not value.isdecimal() or int(value) > 65_535:
        raise SettingsError(f"SFN_LOCAL_PORT must be a port number from 0 to 65535, got {value!r}")
    return int(value)
