"""Log groups with their retention and key."""

from collections.abc import Iterable
from typing import Any

from deployer.aws.adapter import dropped, our_tags
from deployer.aws.clients import Clients
from deployer.aws.default_values import LOG_GROUP, filled
from deployer.model.names import Names
from deployer.model.permissions import Permission, Scope, anywhere
from deployer.model.resources import LogGroup

BASES = ("/aws/lambda/", "/aws-glue/jobs/", "/aws/vendedlogs/states/")


def _prefixed(scope: Scope) -> list[str]:
    return [scope.names.log_group_arn(f"{base}{scope.names.prefix}-*") for base in BASES]


def _made(scope: Scope) -> list[str]:
    """CloudWatch Logs checks tags on the group, everything else on what is in it."""
    return [arn for group in scope.log_groups for arn in (group, f"{group}:*")]


# Without DeleteRetentionPolicy: the file always says how long events are kept.
PERMISSIONS = (
    Permission("Find", "logs:DescribeLogGroups", anywhere),
    Permission("ReadLogGroups", "logs:ListTagsForResource", _prefixed),
    Permission(
        "WriteLogGroups",
        "logs:CreateLogGroup logs:PutRetentionPolicy logs:TagResource logs:UntagResource",
        _made,
    ),
    Permission(
        "WriteLogGroups",
        "logs:AssociateKmsKey logs:DisassociateKmsKey",
        lambda scope: _made(scope) if scope.environment.config.kms_key_arn else (),
    ),
    Permission("DeleteOwned", "logs:DeleteLogGroup", _prefixed),
)


class LogGroups:
    """CloudWatch log groups; subscriptions are not ours and are not touched."""

    def __init__(self, clients: Clients, names: Names) -> None:
        self._logs = clients.logs
        self._names = names

    def candidates(self, prefix: str) -> Iterable[str]:
        pages = self._logs.get_paginator("describe_log_groups")
        for base in BASES:
            for page in pages.paginate(logGroupNamePrefix=f"{base}{prefix}"):
                yield from (group["logGroupName"] for group in page["logGroups"])

    def read(self, name: str) -> LogGroup | None:
        groups = self._logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
        group = next((group for group in groups if group["logGroupName"] == name), None)
        if group is None:
            return None
        tags = self._logs.list_tags_for_resource(resourceArn=self._arn(name))["tags"]
        found = filled(LOG_GROUP, group)
        return LogGroup(name, found["retentionInDays"], our_tags(tags), found["kmsKeyId"])

    def create(self, want: LogGroup) -> None:
        key: Any = {"kmsKeyId": want.kms_key} if want.kms_key else {}
        self._logs.create_log_group(logGroupName=want.name, tags=dict(want.tags), **key)
        self._retain(want)

    def update(self, have: LogGroup, want: LogGroup) -> None:
        if have.retention_days != want.retention_days:
            self._retain(want)
        if have.kms_key != want.kms_key:
            self._encrypt(want)
        if gone := dropped(have.tags, want.tags):
            self._logs.untag_resource(resourceArn=self._arn(want.name), tagKeys=gone)
        if have.tags != want.tags:
            self._logs.tag_resource(resourceArn=self._arn(want.name), tags=dict(want.tags))

    def delete(self, have: LogGroup) -> None:
        self._logs.delete_log_group(logGroupName=have.name)

    def _retain(self, want: LogGroup) -> None:
        if want.retention_days is None:
            self._logs.delete_retention_policy(logGroupName=want.name)
        else:
            self._logs.put_retention_policy(logGroupName=want.name, retentionInDays=want.retention_days)

    def _encrypt(self, want: LogGroup) -> None:
        if want.kms_key:
            self._logs.associate_kms_key(logGroupName=want.name, kmsKeyId=want.kms_key)
        else:
            self._logs.disassociate_kms_key(logGroupName=want.name)

    def _arn(self, name: str) -> str:
        return self._names.log_group_arn(name)
