from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from local_aws.server import LocalAws
from local_aws.testing.calls import Calls


def test_calls_are_seen_and_the_chosen_one_never_arrives(local_aws: LocalAws) -> None:
    client = local_aws.client("s3")
    calls = Calls(client)
    client.create_bucket(Bucket="calls-one")
    calls.break_at = 2
    with pytest.raises(ConnectionResetError, match="call 2 broken"):
        client.create_bucket(Bucket="calls-two")
    names = [bucket["Name"] for bucket in client.list_buckets()["Buckets"]]
    assert calls.seen == ["CreateBucket", "CreateBucket", "ListBuckets"]
    assert [name for name in names if name.startswith("calls-")] == ["calls-one"]


@pytest.mark.parametrize(
    ("service", "call", "arguments"),
    [
        ("lambda", "get_function", {"FunctionName": "calls"}),
        ("stepfunctions", "list_state_machines", {}),
        ("glue", "get_jobs", {}),
        ("s3", "list_buckets", {}),
        ("iam", "list_roles", {}),
        ("sts", "get_caller_identity", {}),
        ("sqs", "list_queues", {}),
        ("scheduler", "list_schedules", {}),
        ("logs", "describe_log_groups", {}),
    ],
)
def test_calls_fail_as_told_in_the_protocol_of_any_service(
    local_aws: LocalAws, service: str, call: str, arguments: dict[str, Any]
) -> None:
    client = local_aws.client(service, config=Config(retries={"total_max_attempts": 1}))
    operation = client.meta.method_to_api_mapping[call]
    Calls(client).fail(operation, "ThrottlingException", status=429, message="slow down & wait")
    with pytest.raises(ClientError) as caught:
        getattr(client, call)(**arguments)
    error: Any = caught.value.response
    assert (error["Error"]["Code"], error["Error"]["Message"]) == ("ThrottlingException", "slow down & wait")
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 429


def test_calls_go_through_again_after_so_many_failures(local_aws: LocalAws) -> None:
    client = local_aws.client("stepfunctions", config=Config(retries={"total_max_attempts": 1}))
    calls = Calls(client)
    calls.fail("ListActivities", "ServiceUnavailable", times=2, status=503)
    for _ in range(2):
        client.list_state_machines()
        with pytest.raises(ClientError, match="ServiceUnavailable"):
            client.list_activities()
    assert client.list_activities()["activities"] == []


def test_retries_of_boto3_meet_the_failures_too(local_aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _seconds: None)
    client = local_aws.client("glue", config=Config(retries={"total_max_attempts": 3}))
    calls = Calls(client)
    calls.fail("GetJobs", "ThrottlingException", times=2, status=400)
    assert client.get_jobs()["ResponseMetadata"]["RetryAttempts"] == 2
    assert calls.seen == ["GetJobs"]
