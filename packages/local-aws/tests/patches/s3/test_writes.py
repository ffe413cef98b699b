"""Conditional writes, checksums and owners of S3."""

import base64
import hashlib
import io
from concurrent.futures import ThreadPoolExecutor
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.server import LocalAws

BUCKET = "conditional"
OTHER = "999988887777"
BODY = b"some content"
SHA256 = base64.b64encode(hashlib.sha256(BODY).digest()).decode()


@pytest.fixture(scope="module")
def s3(aws: LocalAws) -> Any:
    client = aws.client("s3")
    client.create_bucket(Bucket=BUCKET)
    return client


def refusal(call: Any, **arguments: Any) -> tuple[str, int]:
    with pytest.raises(ClientError) as caught:
        call(Bucket=BUCKET, **arguments)
    answer: Any = caught.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


def statuses(s3: Any, key: str, condition: dict[str, str]) -> list[int]:
    """The HTTP statuses of many writers that come with the same condition at once."""

    def write(number: int) -> int:
        try:
            answer = s3.put_object(Bucket=BUCKET, Key=key, Body=str(number).encode(), **condition)
        except ClientError as error:
            answer = error.response
        return int(answer["ResponseMetadata"]["HTTPStatusCode"])

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(write, range(24)))


def test_one_of_many_writers_makes_the_object(s3: Any) -> None:
    found = statuses(s3, "lock", {"IfNoneMatch": "*"})
    assert sorted(found) == [200, *[412] * 23]
    assert s3.get_object(Bucket=BUCKET, Key="lock")["Body"].read() == str(found.index(200)).encode()


def test_one_of_many_writers_that_read_the_same_takes_over(s3: Any) -> None:
    read = s3.put_object(Bucket=BUCKET, Key="taken", Body=b"owner")["ETag"]
    assert sorted(statuses(s3, "taken", {"IfMatch": read})) == [200, *[412] * 23]


def test_object_is_changed_and_deleted_only_as_it_was_read(s3: Any) -> None:
    first = s3.put_object(Bucket=BUCKET, Key="k", Body=b"1")["ETag"]
    second = s3.put_object(Bucket=BUCKET, Key="k", Body=b"2", IfMatch=first)["ETag"]
    failed = ("PreconditionFailed", 412)
    assert refusal(s3.put_object, Key="k", Body=b"3", IfMatch=first) == failed
    assert refusal(s3.delete_object, Key="k", IfMatch=first) == failed
    s3.delete_object(Bucket=BUCKET, Key="k", IfMatch=second)
    missing = ("NoSuchKey", 404)
    assert refusal(s3.delete_object, Key="k", IfMatch=second) == missing
    assert refusal(s3.delete_object, Key="k", IfMatch="*") == missing
    assert refusal(s3.put_object, Key="k", Body=b"3", IfMatch=second) == missing
    s3.put_object(Bucket=BUCKET, Key="k", Body=b"4", IfNoneMatch="*")
    s3.delete_object(Bucket=BUCKET, Key="k", IfMatch="*")
    assert refusal(s3.head_object, Key="k") == ("404", 404)


@pytest.mark.parametrize(
    ("body", "checksum"),
    [
        (BODY, {"ChecksumAlgorithm": "SHA256"}),
        (BODY, {"ChecksumSHA256": SHA256}),
        (io.BytesIO(BODY), {"ChecksumSHA256": SHA256, "ChecksumAlgorithm": "SHA256"}),
    ],
)
def test_checksum_of_an_object_can_be_read(s3: Any, body: Any, checksum: dict[str, str]) -> None:
    assert s3.put_object(Bucket=BUCKET, Key="sum", Body=body, **checksum)["ChecksumSHA256"] == SHA256
    assert s3.head_object(Bucket=BUCKET, Key="sum", ChecksumMode="ENABLED")["ChecksumSHA256"] == SHA256
    assert "ChecksumSHA256" not in s3.head_object(Bucket=BUCKET, Key="sum")
    found = s3.get_object(Bucket=BUCKET, Key="sum", ChecksumMode="ENABLED")
    assert (found["ChecksumSHA256"], found["Body"].read()) == (SHA256, BODY)


def test_content_that_is_not_the_checksums_is_refused(s3: Any) -> None:
    wrong = base64.b64encode(bytes(32)).decode()
    assert refusal(s3.put_object, Key="bad", Body=BODY, ChecksumSHA256=wrong) == ("BadDigest", 400)
    assert refusal(s3.head_object, Key="bad") == ("404", 404)


def test_bucket_of_another_owner_is_refused(s3: Any) -> None:
    s3.put_object(Bucket=BUCKET, Key="own", Body=BODY, ExpectedBucketOwner="111122223333")
    denied = ("AccessDenied", 403)
    assert refusal(s3.put_object, Key="own", Body=b"x", ExpectedBucketOwner=OTHER) == denied
    assert refusal(s3.get_object, Key="own", ExpectedBucketOwner=OTHER) == denied
    assert refusal(s3.delete_object, Key="own", ExpectedBucketOwner=OTHER) == denied
    assert refusal(s3.list_objects_v2, ExpectedBucketOwner=OTHER) == denied
    assert refusal(s3.head_bucket, ExpectedBucketOwner=OTHER) == ("403", 403)
    assert refusal(s3.head_object, Key="own", ExpectedBucketOwner=OTHER) == ("403", 403)
    s3.head_bucket(Bucket=BUCKET, ExpectedBucketOwner="111122223333")
    assert s3.get_object(Bucket=BUCKET, Key="own")["Body"].read() == BODY


def test_age_of_an_object_comes_from_one_answer(s3: Any) -> None:
    s3.put_object(Bucket=BUCKET, Key="aged", Body=BODY)
    head = s3.head_object(Bucket=BUCKET, Key="aged")
    now = parsedate_to_datetime(head["ResponseMetadata"]["HTTPHeaders"]["date"])
    assert 0 <= (now - head["LastModified"]).total_seconds() <= 10
