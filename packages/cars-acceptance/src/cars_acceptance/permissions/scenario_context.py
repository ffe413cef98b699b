"""The context of scenarios: the deployed pipeline, administrator clients, and the record of IAM decisions."""

import itertools
import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from botocore.exceptions import ClientError

from cars_acceptance.permissions.environments import Client, Environment
from local_aws.access.decisions import DecisionRecord

PATIENCE_SECONDS = 60.0
PAUSE_SECONDS = 0.02
FIRST_DAY = date(2026, 6, 1)
_days = itertools.count()
_numbers = itertools.count(1)


class ScenarioError(Exception):
    """A scenario did not behave as it does with all permissions."""


def require(condition: object, what: str) -> None:
    """Raise ScenarioError unless something holds."""
    if not condition:
        raise ScenarioError(what)


@dataclass
class ScenarioContext:
    """One deployed environment; `outputs` are the deployer's, `postgres` the PG* variables."""

    environment: Environment
    outputs: Mapping[str, Any]
    postgres: Mapping[str, str]
    client: Client
    record: DecisionRecord

    def fresh_day(self) -> str:
        """A day that no scenario has loaded."""
        return (FIRST_DAY + timedelta(days=next(_days))).isoformat()

    def fresh_name(self) -> str:
        """A name that no scenario has used."""
        return f"n{next(_numbers)}"

    @cached_property
    def roles(self) -> Mapping[str, str]:
        """Roles of the functions by suffix."""
        return {
            suffix: self.client("lambda").get_function_configuration(FunctionName=item["name"])["Role"]
            for suffix, item in self.outputs["functions"].items()
        }

    @cached_property
    def job(self) -> dict[str, Any]:
        """The Glue job's definition."""
        found: dict[str, Any] = self.client("glue").get_job(JobName=self.outputs["glueJob"]["name"])["Job"]
        return found

    @cached_property
    def machine(self) -> dict[str, Any]:
        """The state machine's description."""
        arn = self.outputs["stateMachines"]["edv"]["arn"]
        found: dict[str, Any] = self.client("stepfunctions").describe_state_machine(stateMachineArn=arn)
        return found

    def delivered(self, role: str) -> set[str]:
        """What services delivered with a role since the start of the scenario."""
        return {item.what for item in self.record.read().delivered if item.role == role}

    def eventually(self, look: Callable[[], bool], what: str, seconds: float = PATIENCE_SECONDS) -> None:
        """Wait until `look` is true; raises ScenarioError after `seconds`."""
        deadline = time.monotonic() + seconds
        while not look():
            require(time.monotonic() < deadline, f"{what} within {seconds:.0f} s")
            time.sleep(PAUSE_SECONDS)

    def exists(self, bucket: str, key: str) -> bool:
        """Whether there is such an object."""
        try:
            self.client("s3").head_object(Bucket=bucket, Key=key)
        except ClientError:
            return False
        return True

    def put(self, bucket: str, key: str, body: bytes, **more: str) -> None:
        """Write an object."""
        self.client("s3").put_object(Bucket=bucket, Key=key, Body=body, **more)

    def unfinished_uploads(self, bucket: str) -> list[str]:
        """Keys of unfinished multipart uploads; aborts them, so each is reported once."""
        s3 = self.client("s3")
        found = s3.list_multipart_uploads(Bucket=bucket).get("Uploads", [])
        for upload in found:
            s3.abort_multipart_upload(Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])
        return [upload["Key"] for upload in found]

    @contextmanager
    def hidden(self, bucket: str, key: str) -> Iterator[None]:
        """Remove an object for the duration of the block."""
        s3 = self.client("s3")
        body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        s3.delete_object(Bucket=bucket, Key=key)
        try:
            yield
        finally:
            self.put(bucket, key, body)


def answer_of(invoked: Mapping[str, Any]) -> Any:
    """The payload of an invocation."""
    return json.loads(invoked["Payload"].read())


@dataclass(frozen=True)
class Scenario:
    """One use of the pipeline; `run` raises ScenarioError when the result is wrong."""

    name: str
    run: Callable[[ScenarioContext], None]
