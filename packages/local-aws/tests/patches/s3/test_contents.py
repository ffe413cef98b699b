"""Contents of S3 objects are not copied for every read, and are what was written."""

import hashlib

import pytest
from moto.s3.models import FakeKey

from local_aws.patches.s3 import contents
from local_aws.server import LocalAws

LARGE = bytes(range(256)) * (80 * 1024)  # 20 MB: moto itself would put it into a file


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> FakeKey:
    monkeypatch.setattr(FakeKey, "value", property(contents.content, contents.keep))
    return FakeKey("name", LARGE, account_id="111122223333", region_name="us-east-1")


def test_a_large_content_is_the_same_object_at_every_read(key: FakeKey) -> None:
    assert key.value is key.value
    assert key.value == LARGE
    assert key.size == len(LARGE)


def test_computing_the_etag_does_not_move_what_is_read(key: FakeKey) -> None:
    assert key.etag == f'"{hashlib.md5(LARGE, usedforsecurity=False).hexdigest()}"'
    assert key.value == LARGE


@pytest.mark.parametrize(
    ("new", "wanted"),
    [(b"short", b"short"), (bytearray(b"parts"), b"parts"), ("\u00e9", "\u00e9".encode()), (b"", b"")],
)
def test_a_new_content_takes_the_place_of_the_old(
    key: FakeKey, new: bytes | bytearray | str, wanted: bytes
) -> None:
    contents.keep(key, new)
    assert key.value == wanted
    assert key.size == len(wanted)


def test_ranges_of_a_large_object_put_together_from_parts(local_aws: LocalAws) -> None:
    s3 = local_aws.client("s3")
    s3.create_bucket(Bucket="contents")
    upload = s3.create_multipart_upload(Bucket="contents", Key="k")["UploadId"]
    parts = [
        {
            "PartNumber": number,
            "ETag": s3.upload_part(
                Bucket="contents", Key="k", UploadId=upload, PartNumber=number, Body=LARGE
            )["ETag"],
        }
        for number in (1, 2)
    ]
    s3.complete_multipart_upload(
        Bucket="contents", Key="k", UploadId=upload, MultipartUpload={"Parts": parts}
    )
    middle = len(LARGE)
    found = s3.get_object(Bucket="contents", Key="k", Range=f"bytes={middle - 3}-{middle + 2}")
    assert found["Body"].read() == b"\xfd\xfe\xff\x00\x01\x02"
    assert found["ContentRange"] == f"bytes {middle - 3}-{middle + 2}/{2 * middle}"
    s3.copy_object(Bucket="contents", Key="copy", CopySource="contents/k")
    s3.delete_object(Bucket="contents", Key="k")
    assert s3.get_object(Bucket="contents", Key="copy")["Body"].read() == LARGE * 2
