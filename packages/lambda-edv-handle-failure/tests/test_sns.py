import threading
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber

from edv_handle_failure import sns
from edv_handle_failure.sns import Topic

ARN = "arn:aws-us-gov:sns:us-gov-west-1:111122223333:cars-on-call"


@pytest.fixture
def stubber(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    client = boto3.client("sns", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="y")
    monkeypatch.setattr(sns, "client", lambda _region: client)
    with Stubber(client) as stub:
        yield stub


def test_subject_and_message_are_published_to_the_topic(stubber: Stubber) -> None:
    stubber.add_response(
        "publish", {"MessageId": "1"}, {"TopicArn": ARN, "Subject": "subject", "Message": "message"}
    )
    assert Topic(ARN).notify("subject", "message") is None
    stubber.assert_no_pending_responses()


def test_refusal_is_a_reason(stubber: Stubber) -> None:
    stubber.add_client_error("publish", "AuthorizationError", "not authorized to perform: SNS:Publish")
    reason = Topic(ARN).notify("subject", "message")
    assert reason is not None
    assert "not authorized to perform: SNS:Publish" in reason


def test_unreachable_endpoint_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    class Unreachable:
        def publish(self, **_: str) -> Any:
            raise EndpointConnectionError(endpoint_url="https://sns.example")

    monkeypatch.setattr(sns, "client", lambda _region: Unreachable())
    assert Topic(ARN).notify("s", "m") == 'Could not connect to the endpoint URL: "https://sns.example"'


def test_endpoint_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    hang = threading.Event()

    class Hanging:
        def publish(self, **_: str) -> Any:
            hang.wait(30)

    monkeypatch.setattr(sns, "client", lambda _region: Hanging())
    assert Topic(ARN, seconds=0.05).notify("s", "m") == "the notification did not finish within 0.05 seconds"
    hang.set()


@pytest.mark.parametrize("arn", ["cars-on-call", "arn:aws:sqs:us-east-1:111122223333:queue"])
def test_arn_that_is_no_topic_is_a_reason(arn: str) -> None:
    assert Topic(arn).notify("s", "m") == f"SNS_TOPIC_ARN must be the ARN of an SNS topic, got {arn!r}"


def test_no_topic_means_notification_is_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SNS_TOPIC_ARN", raising=False)
    assert sns.topic().notify("s", "m") == "notification is off: no topic is configured (SNS_TOPIC_ARN)"


def test_client_speaks_to_the_topics_region_and_waits_for_seconds_only() -> None:
    client: Any = sns.client("us-gov-west-1")
    config = client.meta.config
    assert client.meta.region_name == "us-gov-west-1"
    assert (config.connect_timeout, config.read_timeout, config.retries["total_max_attempts"]) == (2, 3, 2)
