"""Publishes to the topic of SNS_TOPIC_ARN, with a time limit."""

import os
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol, cast

from edv_handle_failure.errors import NotSentError
from process_control.deadline import within

TOPIC_ARN = re.compile(r"arn:[\w-]+:sns:(?P<region>[a-z0-9-]+):\d{12}:[\w.-]+")
SECONDS = 8.0


class SnsClient(Protocol):
    """The one method of a boto3 SNS client that is called here."""

    def publish(self, *, TopicArn: str, Subject: str, Message: str) -> Any: ...  # noqa: N803 - boto3's spelling


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic; an empty ARN means that notification is off."""

    arn: str
    seconds: float = SECONDS

    def notify(self, subject: str, message: str) -> str | None:
        """Publish the message. Returns None, or the reason for a failure. Never raises, never blocks for long."""
        if not self.arn:
            return "notification is off: no topic is configured (SNS_TOPIC_ARN)"
        try:
            within(self.seconds, lambda: self._publish(subject, message), name="the notification")
        except Exception as error:  # the failure of the run must still be logged
            return " ".join(f"{error}".split())[:500] or type(error).__name__
        return None

    def _publish(self, subject: str, message: str) -> None:
        found = TOPIC_ARN.fullmatch(self.arn)
        if found is None:
            raise NotSentError(f"SNS_TOPIC_ARN must be the ARN of an SNS topic, got {self.arn!r}")
        client(found["region"]).publish(TopicArn=self.arn, Subject=subject, Message=message)


def topic() -> Topic:
    """The topic that this function's environment names."""
    return Topic(os.environ.get("SNS_TOPIC_ARN", ""))


@lru_cache(maxsize=1)
def client(region: str) -> SnsClient:
    """An SNS client for the topic's region, made on first use."""
    import boto3
    from botocore.config import Config

    config = Config(connect_timeout=2, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 2})
    return cast("SnsClient", boto3.client("sns", region_name=region, config=config))
