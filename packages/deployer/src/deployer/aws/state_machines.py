"""Step Functions state machines; logging is sent each time because an update keeps what is left out."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from deployer.aws.adapter import code_of, our_tags, removed_tags
from deployer.aws.clients import Clients
from deployer.aws.default_values import STATE_MACHINE, with_defaults
from deployer.aws.version_digests import VersionNumbers
from deployer.errors import DeployerError
from deployer.model.names import Names
from deployer.model.permissions import Permission, anywhere, pass_role
from deployer.model.resources import Document, StateMachine

ABSENT = "StateMachineDoesNotExist"
_BY_NUMBER = re.compile(r"(function:([\w-]+)):(\d+)(?=\")")
_BY_DIGEST = re.compile(r"(function:([\w-]+)):v-([0-9a-f]{16})(?=\")")


PERMISSIONS = (
    Permission("Find", "states:ListStateMachines", anywhere),
    Permission(
        "ReadMachine",
        "states:DescribeStateMachine states:ListTagsForResource",
        lambda scope: [scope.prefixed("states", "stateMachine:")],
    ),
    Permission(
        "WriteMachine",
        "states:CreateStateMachine states:TagResource states:UntagResource states:UpdateStateMachine",
        lambda scope: scope.machines,
    ),
    pass_role("states"),
    Permission(
        "DeleteOwned", "states:DeleteStateMachine", lambda scope: [scope.prefixed("states", "stateMachine:")]
    ),
)


class StateMachines:
    """State machines by name."""

    def __init__(self, clients: Clients, names: Names, numbers: VersionNumbers) -> None:
        self._states = clients.states
        self._names = names
        self._numbers = numbers

    def candidates(self, prefix: str) -> Iterable[str]:
        for page in self._states.get_paginator("list_state_machines").paginate():
            yield from (item["name"] for item in page["stateMachines"] if item["name"].startswith(prefix))

    def read(self, name: str) -> StateMachine | None:
        arn = self._names.machine_arn(name)
        try:
            answer = self._states.describe_state_machine(stateMachineArn=arn)
        except ClientError as error:
            if code_of(error) == ABSENT:
                return None
            raise
        tags = self._states.list_tags_for_resource(resourceArn=arn)["tags"]
        found = with_defaults(STATE_MACHINE, answer)
        logging = found["loggingConfiguration"]
        return StateMachine(
            name=name,
            role=found["roleArn"],
            definition=Document(by_digest(found["definition"], self._numbers)),
            log_group=_log_group(logging),
            log_level=logging["level"],
            log_data=logging["includeExecutionData"],
            tracing=found["tracingConfiguration"]["enabled"],
            tags=our_tags({tag["key"]: tag["value"] for tag in tags}),
            type=found["type"],
        )

    def create(self, want: StateMachine) -> None:
        self._states.create_state_machine(
            name=want.name, type="STANDARD", tags=_tag_list(want.tags), **self._to_aws(want)
        )

    def update(self, have: StateMachine, want: StateMachine) -> None:
        arn = self._names.machine_arn(want.name)
        if have.definition != want.definition or self._settings(have) != self._settings(want):
            self._states.update_state_machine(stateMachineArn=arn, **self._to_aws(want))
        if gone := removed_tags(have.tags, want.tags):
            self._states.untag_resource(resourceArn=arn, tagKeys=gone)
        if have.tags != want.tags:
            self._states.tag_resource(resourceArn=arn, tags=_tag_list(want.tags))

    def delete(self, have: StateMachine) -> None:
        self._states.delete_state_machine(stateMachineArn=self._names.machine_arn(have.name))

    def _to_aws(self, want: StateMachine) -> Any:
        return {"definition": by_number(want.definition.text, self._numbers), **self._settings(want)}

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


def by_digest(definition: str, numbers: VersionNumbers) -> str:
    """Function versions by digest instead of number; versions that are not ours keep their number."""

    def name(found: re.Match[str]) -> str:
        digest = numbers.digest(found.group(2), found.group(3))
        return f"{found.group(1)}:v-{digest}" if digest else found.group(0)

    return _BY_NUMBER.sub(name, definition)


def by_number(definition: str, numbers: VersionNumbers) -> str:
    """Function versions by number, as Step Functions needs them. Raises DeployerError for an unknown one."""

    def number(found: re.Match[str]) -> str:
        known = numbers.of(found.group(2)).get(found.group(3))
        if known is None:
            raise DeployerError(
                f"function {found.group(2)} has no version {found.group(3)}; run deploy again: it publishes one"
            )
        return f"{found.group(1)}:{known}"

    return _BY_DIGEST.sub(number, definition)


def _log_group(logging: Mapping[str, Any]) -> str:
    arns = [item.get("cloudWatchLogsLogGroup", {}).get("logGroupArn", "") for item in logging["destinations"]]
    names = [arn.partition(":log-group:")[2].removesuffix(":*") for arn in arns]
    return ",".join(names)


def _tag_list(tags: Mapping[str, str]) -> list[Any]:
    return [{"key": key, "value": value} for key, value in sorted(tags.items())]
