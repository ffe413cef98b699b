"""SQS queues, encrypted with the file's key or with SQS's own."""

from collections.abc import Iterable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from deployer.aws.adapter import code_of, our_tags, removed_tags
from deployer.aws.clients import Clients
from deployer.aws.default_values import QUEUE, with_defaults
from deployer.model.permissions import Permission, anywhere
from deployer.model.resources import Queue

_ABSENT = {"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"}
_PLAIN = "not encrypted"


PERMISSIONS = (
    Permission("Find", "sqs:ListQueues", anywhere),
    Permission(
        "ReadQueues",
        "sqs:GetQueueAttributes sqs:GetQueueUrl sqs:ListQueueTags",
        lambda scope: [scope.prefixed("sqs", "")],
    ),
    Permission(
        "WriteQueue",
        "sqs:CreateQueue sqs:SetQueueAttributes sqs:TagQueue sqs:UntagQueue",
        lambda scope: (
            [scope.names.arn("sqs", scope.names.dead_letter_queue)] if scope.environment.schedules else ()
        ),
    ),
    Permission("DeleteOwned", "sqs:DeleteQueue", lambda scope: [scope.prefixed("sqs", "")]),
)


class Queues:
    """Queues by name; SQS addresses them by URL."""

    def __init__(self, clients: Clients) -> None:
        self._sqs = clients.sqs

    def candidates(self, prefix: str) -> Iterable[str]:
        for page in self._sqs.get_paginator("list_queues").paginate(QueueNamePrefix=prefix):
            yield from (url.rpartition("/")[2] for url in page.get("QueueUrls", []))

    def read(self, name: str) -> Queue | None:
        try:
            url = self._url(name)
            answer: Any = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
            tags = self._sqs.list_queue_tags(QueueUrl=url).get("Tags")
        except ClientError as error:
            if code_of(error) in _ABSENT:
                return None
            raise
        found = with_defaults(QUEUE, answer.get("Attributes", {}))
        return Queue(name, int(found["MessageRetentionPeriod"]), our_tags(tags), _key(found))

    def create(self, want: Queue) -> None:
        self._sqs.create_queue(QueueName=want.name, Attributes=_attributes(want), tags=dict(want.tags))

    def update(self, have: Queue, want: Queue) -> None:
        url = self._url(want.name)
        if (have.retention_seconds, have.kms_key) != (want.retention_seconds, want.kms_key):
            self._sqs.set_queue_attributes(QueueUrl=url, Attributes=_attributes(want))
        if gone := removed_tags(have.tags, want.tags):
            self._sqs.untag_queue(QueueUrl=url, TagKeys=gone)
        if have.tags != want.tags:
            self._sqs.tag_queue(QueueUrl=url, Tags=dict(want.tags))

    def delete(self, have: Queue) -> None:
        self._sqs.delete_queue(QueueUrl=self._url(have.name))

    def _url(self, name: str) -> str:
        return self._sqs.get_queue_url(QueueName=name)["QueueUrl"]


def _attributes(want: Queue) -> Any:
    """Both kinds of encryption are sent each time: setting one leaves the other unchanged."""
    encryption = {"KmsMasterKeyId": want.kms_key} if want.kms_key else {"SqsManagedSseEnabled": "true"}
    return {"MessageRetentionPeriod": str(want.retention_seconds), **encryption}


def _key(found: Mapping[str, str]) -> str:
    key = found["KmsMasterKeyId"]
    return key or ("" if found["SqsManagedSseEnabled"].lower() == "true" else _PLAIN)
