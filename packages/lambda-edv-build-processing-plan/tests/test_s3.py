"""The store on (emulated) S3."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from edv_build_processing_plan.errors import PlanError
from edv_build_processing_plan.s3 import S3Store, client


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        made = boto3.client("s3", region_name="us-east-1")
        made.create_bucket(Bucket="configs")
        yield made


@pytest.mark.parametrize("prefix", ["cars/_configs", "/cars/_configs/", ""])
def test_names_are_relative_to_the_prefix_with_or_without_slashes(s3: Any, prefix: str) -> None:
    root = f"{prefix.strip('/')}/".removeprefix("/")
    s3.put_object(Bucket="configs", Key=f"{root}releases/a/EDV/X_H/2.sql", Body=b"select 1")
    s3.put_object(Bucket="configs", Key="elsewhere/releases/a/EDV/Y_H/2.sql", Body=b"")
    store = S3Store(s3, "configs", prefix)
    assert store.read("releases/a/EDV/X_H/2.sql") == b"select 1"
    assert store.read("releases/a/none.sql") is None
    assert store.names("releases/a/EDV/") == ["releases/a/EDV/X_H/2.sql"]
    assert store.where("current.json") == f"s3://configs/{root}current.json"


def test_a_listing_has_more_than_one_page(s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "10")  # a page of S3 has 1,000
    for number in range(25):
        s3.put_object(Bucket="configs", Key=f"p/EDV/{number:04}/2.sql", Body=b"")
    assert len(S3Store(s3, "configs", "p").names("EDV/")) == 25


def test_a_missing_bucket_is_an_error_with_the_address(s3: Any) -> None:
    store = S3Store(s3, "no-such-bucket", "p")
    with pytest.raises(PlanError, match=r"s3://no-such-bucket/p/current.json cannot be read: .*NoSuchBucket"):
        store.read("current.json")
    with pytest.raises(PlanError, match=r"s3://no-such-bucket/p/EDV/ cannot be read: .*NoSuchBucket"):
        store.names("EDV/")


def test_denied_access_is_not_taken_for_absence() -> None:
    denied = boto3.client("s3", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    with Stubber(denied) as stub:
        stub.add_client_error("get_object", "AccessDenied", "no", 403)
        with pytest.raises(PlanError, match="AccessDenied"):
            S3Store(denied, "configs", "p").read("current.json")


def test_the_client_has_short_timeouts_and_few_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    client.cache_clear()
    config = client().meta.config
    assert (config.connect_timeout, config.read_timeout) == (5, 10)
    assert config.retries == {"mode": "standard", "total_max_attempts": 2}
    client.cache_clear()
