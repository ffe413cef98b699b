"""Which config release each running execution is pinned to, read from the answer of its plan function."""

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from deployer.aws.adapter import code_of
from deployer.model.permissions import Permission, Scope

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

PLAN_STATE = "BuildProcessingPlan"
_PAGE = 50  # the plan is among the first events, also after some retries
_READERS = 8
_ABSENT = {"StateMachineDoesNotExist", "ExecutionDoesNotExist"}


def _machine(scope: Scope) -> list[str]:
    """Only the EDV pipeline reads a config release."""
    return [scope.names.machine_arn(scope.names.edv_pipeline)]


def _executions(scope: Scope) -> list[str]:
    return [scope.names.arn("states", f"execution:{scope.names.edv_pipeline}:*")]


PERMISSIONS = (
    Permission("SeePinned", "states:ListExecutions", _machine),
    Permission("SeePinned", "states:GetExecutionHistory", _executions),
)


def pinned_releases(states: "SFNClient", machine_arn: str) -> dict[str, tuple[str, ...]]:
    """Names of running executions by release, redriven ones too; nothing when the machine is not deployed.

    An execution that has no plan yet is not listed: it reads the release that is current now.
    """
    running = list(_running(states, machine_arn))
    with ThreadPoolExecutor(_READERS) as pool:
        releases = list(pool.map(lambda arn: _release(states, arn), running))
    found: dict[str, list[str]] = {}
    for arn, release in zip(running, releases, strict=True):
        if release is not None:
            found.setdefault(release, []).append(arn.rpartition(":")[2])
    return {release: tuple(sorted(names)) for release, names in found.items()}


def _running(states: "SFNClient", machine_arn: str) -> Iterator[str]:
    try:
        for page in states.get_paginator("list_executions").paginate(
            stateMachineArn=machine_arn, statusFilter="RUNNING"
        ):
            yield from (item["executionArn"] for item in page["executions"])
    except ClientError as error:
        if code_of(error) not in _ABSENT:
            raise


def _release(states: "SFNClient", arn: str) -> str | None:
    try:
        for page in states.get_paginator("get_execution_history").paginate(
            executionArn=arn, includeExecutionData=True, PaginationConfig={"PageSize": _PAGE}
        ):
            for event in page["events"]:
                exited = event.get("stateExitedEventDetails")
                if exited and exited["name"] == PLAN_STATE:
                    return _planned(exited)
    except ClientError as error:
        if code_of(error) not in _ABSENT:
            raise
    return None


def _planned(exited: Mapping[str, Any]) -> str | None:
    try:
        release = json.loads(exited["output"])["run"]["release"]
    except (ValueError, KeyError, TypeError):
        return None
    return release if isinstance(release, str) else None
