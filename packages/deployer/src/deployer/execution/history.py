"""Reads an execution's history as it grows: newest first, back to the last event seen, so most polls are one page."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from deployer.model.permissions import Permission, Scope

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

PAGE = 200


def executions(scope: Scope) -> list[str]:
    """The name of an execution is new each time."""
    return [scope.names.arn("states", f"execution:{machine}:*") for machine in scope.names.machines]


PERMISSIONS = (Permission("FollowPipeline", "states:GetExecutionHistory", executions),)


class History:
    """New events of one execution, oldest first, each exactly once."""

    def __init__(self, states: "SFNClient", execution_arn: str) -> None:
        self._states = states
        self._arn = execution_arn
        self._seen = 0

    def new_events(self) -> list[Mapping[str, Any]]:
        """Events since the last call."""
        found: dict[int, Mapping[str, Any]] = {}
        token = ""
        while True:
            page = self._page(token)
            found.update({event["id"]: event for event in page["events"] if event["id"] > self._seen})
            token = page.get("nextToken", "")
            reached = any(event["id"] <= self._seen for event in page["events"])
            if reached or not token:
                break
        self._seen = max(found, default=self._seen)
        return [found[number] for number in sorted(found)]

    def _page(self, token: str) -> Mapping[str, Any]:
        return self._states.get_execution_history(
            executionArn=self._arn,
            reverseOrder=True,
            maxResults=PAGE,
            includeExecutionData=True,
            **({"nextToken": token} if token else {}),
        )
