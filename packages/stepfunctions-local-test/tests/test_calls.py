import pytest

from stepfunctions_local_test.calls import Calls
from stepfunctions_local_test.server import LocalAws


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
