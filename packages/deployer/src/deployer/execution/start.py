"""Starts an execution under a name a person can read."""

import json
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from deployer.aws.adapter import code_of
from deployer.errors import RunError
from deployer.model.permissions import Permission

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient


# Step Functions checks an alias on the ARN of its machine.
PERMISSIONS = (Permission("StartPipeline", "states:StartExecution", lambda scope: scope.machines),)


@dataclass(frozen=True)
class RunRequest:
    """What a run loads; becomes the execution's input. `tables` are those of a landing, none for all."""

    start_date: date
    run_type: str
    data_src_nm: str
    env: str
    tables: tuple[str, ...] = ()

    def as_input(self) -> dict[str, Any]:
        run: dict[str, Any] = {
            "data_src_nm": self.data_src_nm,
            "run_type": self.run_type,
            "start_date": self.start_date.isoformat(),
            "env": self.env,
        }
        return run | ({"tables": list(self.tables)} if self.tables else {})


def parse_date(text: str) -> date:
    """A date written YYYY-MM-DD. Raises RunError."""
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise RunError(f"--date must be a calendar day written YYYY-MM-DD, got '{text}'") from None


def execution_name(request: RunRequest, now: datetime) -> str:
    """For example `2026-06-01-initial-20260602T031500Z-4f1c`: run date and type first, unique at the end."""
    stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    return f"{request.start_date.isoformat()}-{request.run_type}-{stamp}-{secrets.token_hex(2)}"


def start(states: "SFNClient", machine_arn: str, request: RunRequest, now: datetime) -> str:
    """Starts the execution and returns its ARN. Raises RunError when the machine is not deployed."""
    try:
        answer = states.start_execution(
            stateMachineArn=machine_arn,
            name=execution_name(request, now),
            input=json.dumps(request.as_input()),
        )
    except ClientError as error:
        if code_of(error) == "StateMachineDoesNotExist":
            raise RunError(f"{machine_arn} does not exist; deploy this environment first") from error
        raise
    return answer["executionArn"]
