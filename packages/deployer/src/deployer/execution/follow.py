"""Follows an execution to its end and reads its final status."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from deployer.errors import RunError
from deployer.execution.history import History, executions
from deployer.execution.progress import RunProgress, Status, TableRun, explain
from deployer.model.permissions import Permission

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 5.0
_PATIENCE = 10


PERMISSIONS = (Permission("FollowPipeline", "states:DescribeExecution", executions),)


@dataclass(frozen=True)
class Result:
    """How an execution ended: `status` is the pipeline's own (SUCCESS, PARTIAL_SUCCESS) or the machine's."""

    execution_arn: str
    status: str
    output: dict[str, Any] | None
    error: str | None

    @property
    def succeeded(self) -> bool:
        """True only when every table was loaded."""
        return self.status == "SUCCESS"


def follow(
    states: "SFNClient",
    execution_arn: str,
    progress: RunProgress,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[list[TableRun]]:
    """Yields the tables that changed, poll by poll, until the execution has ended; pauses grow while it is quiet."""
    history = History(states, execution_arn)
    pause, failures = _FIRST_PAUSE, 0
    while progress.ended is None:
        try:
            changed = list(progress.observe(history.new_events()))
        except (ClientError, BotoCoreError) as error:
            failures += 1
            if failures == _PATIENCE:
                raise RunError(f"cannot follow {execution_arn}: {error}; the execution continues") from error
            changed = []
        else:
            failures = 0
        yield changed
        if progress.ended is None:
            pause = _FIRST_PAUSE if changed else min(pause * 1.5, _LONGEST_PAUSE)
            sleep(pause)


def result(states: "SFNClient", execution_arn: str) -> Result:
    """The result of an execution that has ended."""
    found = states.describe_execution(executionArn=execution_arn)
    output = json.loads(found["output"]) if found.get("output") else None
    if found["status"] == "SUCCEEDED":
        status = str((output or {}).get("status", "SUCCESS"))
        root = (output or {}).get("rootError")
        return Result(execution_arn, status, output, _root(root))
    error = {"Error": found.get("error", found["status"]), "Cause": found.get("cause")}
    return Result(execution_arn, found["status"], output, explain(error))


def _root(error: Any) -> str | None:
    if not error:
        return None
    return f"{error.get('table_name', '?')}: {explain(error)}"


def as_json(progress: RunProgress, final: Result) -> dict[str, Any]:
    """A run as JSON; `output` is that of the execution."""
    return {
        "executionArn": final.execution_arn,
        "status": final.status,
        "seconds": progress.seconds,
        "error": final.error,
        "tables": {
            status.value: [f"{table.layer}.{table.table}" for table in progress.with_status(status)]
            for status in (Status.SUCCEEDED, Status.FAILED, Status.SKIPPED)
        },
        "output": final.output,
    }
