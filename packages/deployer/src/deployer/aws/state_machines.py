"""Step Functions state machines; logging is sent each time because an update keeps what is left out."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from deployer.aws.adapter import code_of, eventually, message_of, our_tags
from deployer.aws.clients import Clients
from deployer.model import Document, StateMachine
from deployer.names import Names


class StateMachines:
    """Standard state machines by name."""

    def __init__(self, clients: Clients, names: Names, managed_roles: Collection[str] = ()) -> None:
        self._states = clients.states
        self._names = names
        self._managed_roles = managed_roles

    def candidates(self, prefix: str) -> Iterable[str]:
        for page in self._states.get_paginator("list_state_machines").paginate():
            yield from (item["name"] for item in page["stateMachines"] if item["name"].startswith(prefix))

    def read(self, name: str) -> StateMachine | None:
        arn = self._names.machine_arn(name)
        try:
            found = self._states.describe_state_machine(stateMachineArn=arn)
        except ClientError as error:
            if code_of(error) == "StateMachineDoesNotExist":
                return None
            raise
        tags = self._states.list_tags_for_resource(resourceArn=arn)["tags"]
        logging = found.get("loggingConfiguration") or {}
        return StateMachine(
            name=name,
            role=found["roleArn"],
            definition=Document(found["definition"]),
            log_group=_log_group(logging),
            log_level=logging.get("level", "OFF"),
            log_data=logging.get("includeExecutionData", False),
            tracing=(found.get("tracingConfiguration") or {}).get("enabled", False),
            tags=our_tags({tag["key"]: tag["value"] for tag in tags}),
        )

    def create(self, want: StateMachine) -> None:
        eventually(
            lambda: self._states.create_state_machine(
                name=want.name, type="STANDARD", tags=_tag_list(want.tags), **self._to_aws(want)
            ),
            role_is_new,
            wait=want.role in self._managed_roles,
        )

    def update(self, have: StateMachine, want: StateMachine) -> None:
        arn = self._names.machine_arn(want.name)
        if have.definition != want.definition or self._settings(have) != self._settings(want):
            eventually(
                lambda: self._states.update_state_machine(stateMachineArn=arn, **self._to_aws(want)),
                role_is_new,
                wait=want.role in self._managed_roles,
            )
        if have.tags != want.tags:
            self._states.tag_resource(resourceArn=arn, tags=_tag_list(want.tags))

    def delete(self, have: StateMachine) -> None:
        self._states.delete_state_machine(stateMachineArn=self._names.machine_arn(have.name))

    def _to_aws(self, want: StateMachine) -> Any:
        return {"definition": want.definition.text, **self._settings(want)}

    def _settings(self, want: StateMachine) -> dict[str, Any]:
        group = f"{self._names.log_group_arn(want.log_group)}:*"
        return {
            "roleArn": want.role,
            "loggingConfiguration": {
                "level": want.log_level,
                "includeExecutionData": want.log_data,
                "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": group}}],
            },
            "tracingConfiguration": {"enabled": want.tracing},
        }


def _log_group(logging: Mapping[str, Any]) -> str:
    destinations = logging.get("destinations") or []
    arns = [item.get("cloudWatchLogsLogGroup", {}).get("logGroupArn", "") for item in destinations]
    names = [arn.partition(":log-group:")[2].removesuffix(":*") for arn in arns]
    return ",".join(names)


def _tag_list(tags: Mapping[str, str]) -> list[Any]:
    return [{"key": key, "value": value} for key, value in sorted(tags.items())]


def role_is_new(error: ClientError) -> bool:
    """True while IAM has not told Step Functions about a new role or its policy yet."""
    message = message_of(error)
    return code_of(error) in {"AccessDeniedException", "InvalidLoggingConfiguration"} and (
        "authorized to assume" in message or "not authorized to access the Log Destination" in message
    )
