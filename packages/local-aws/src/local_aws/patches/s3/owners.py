"""ExpectedBucketOwner of S3: moto ignores it, so a bucket of another account passes for one's own."""

from collections.abc import Callable
from typing import Any

from moto.s3.exceptions import MissingBucket, S3AccessDeniedError
from moto.s3.responses import S3Response

from local_aws.emulator.patching import replace

HEADER = "x-amz-expected-bucket-owner"


def install() -> None:
    """Check the owner in the authorisation of every S3 action."""
    name = "_authenticate_and_authorize_s3_action"
    checked = checking(getattr(S3Response, name))
    replace(S3Response, name, checked, reason="the expected owner is ignored")


def checking(authorize: Callable[..., None]) -> Callable[..., None]:
    """The authorisation of an action, and a 403 for the bucket of another account."""

    def check(self: Any, bucket_name: str | None = None, key_name: str | None = None) -> None:
        authorize(self, bucket_name=bucket_name, key_name=key_name)
        expected = self.headers.get(HEADER)
        if expected and bucket_name and owner_of(self.backend, bucket_name) not in (None, expected):
            raise S3AccessDeniedError

    return check


def owner_of(backend: Any, bucket_name: str) -> str | None:
    """The account that a bucket belongs to; None when there is no such bucket."""
    try:
        return str(backend.get_bucket(bucket_name).account_id)
    except MissingBucket:
        return None
