"""A bucket that behaves like S3's, inside the test process."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws

from download_zip import s3
from local_aws.testing.calls import Calls

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

Put = Callable[..., None]


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator["S3Client"]:
    """An S3 client with the buckets `source` and `target`; the handler gets a client of the same account."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        made = boto3.client("s3", region_name="us-east-1")
        made.create_bucket(Bucket="source")
        made.create_bucket(Bucket="target")
        s3.client.cache_clear()
        yield made
        s3.client.cache_clear()


@pytest.fixture
def put(client: "S3Client") -> Put:
    """`put(key=bytes, ...)` or `put({key: bytes})` into the bucket `source`."""

    def write(objects: dict[str, bytes]) -> None:
        for key, body in objects.items():
            client.put_object(Bucket="source", Key=key, Body=body)

    return write


@pytest.fixture
def calls(client: "S3Client") -> Calls:
    """Watches the client that the handler uses."""
    return Calls(s3.client())
