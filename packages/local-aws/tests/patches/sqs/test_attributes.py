"""Attributes and tags of SQS queues."""

import json
import uuid
from typing import Any

import pytest

from local_aws.server import LocalAws

STATEMENT = {"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*"}
POLICY = json.dumps({"Version": "2012-10-17", "Statement": [STATEMENT]})


@pytest.fixture
def sqs(aws: LocalAws) -> Any:
    return aws.client("sqs")


def made(sqs: Any, **options: Any) -> str:
    return str(sqs.create_queue(QueueName=f"q-{uuid.uuid4().hex[:8]}", **options)["QueueUrl"])


def attributes(sqs: Any, url: str) -> dict[str, str]:
    found: dict[str, str] = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return found


def test_queue_keeps_its_policy_when_something_else_is_changed(sqs: Any) -> None:
    url = made(sqs, Attributes={"Policy": POLICY}, tags={"owner": "us"})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"MessageRetentionPeriod": "1209600"})
    shown = attributes(sqs, url)
    assert (shown["Policy"], shown["MessageRetentionPeriod"]) == (POLICY, "1209600")
    assert sqs.list_queue_tags(QueueUrl=url)["Tags"] == {"owner": "us"}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
    assert "Policy" not in attributes(sqs, url)


def test_queue_has_one_kind_of_encryption(sqs: Any) -> None:
    url = made(sqs)
    assert attributes(sqs, url)["SqsManagedSseEnabled"] == "true"
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"KmsMasterKeyId": "alias/queues"})
    shown = attributes(sqs, url)
    assert (shown["KmsMasterKeyId"], shown["SqsManagedSseEnabled"]) == ("alias/queues", "false")
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"SqsManagedSseEnabled": "true"})
    shown = attributes(sqs, url)
    assert ("KmsMasterKeyId" in shown, shown["SqsManagedSseEnabled"]) == (False, "true")


def test_queue_says_who_may_redrive_into_it(sqs: Any) -> None:
    allowed = json.dumps({"redrivePermission": "denyAll"})
    dead = made(sqs, Attributes={"RedriveAllowPolicy": allowed})
    shown = attributes(sqs, dead)
    assert shown["RedriveAllowPolicy"] == allowed
    redrive = json.dumps({"deadLetterTargetArn": shown["QueueArn"], "maxReceiveCount": 3})
    source = made(sqs, Attributes={"RedrivePolicy": redrive})
    assert json.loads(attributes(sqs, source)["RedrivePolicy"]) == json.loads(redrive)
