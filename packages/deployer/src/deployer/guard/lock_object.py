"""The lock object in S3: answers requests of the protocol, and turns refusals of S3 into messages with a way out."""

from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar, assert_never

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from deployer.errors import LockError
from deployer.guard.lock_protocol import (
    Absent,
    Answer,
    Conflict,
    Delete,
    Get,
    Put,
    Refused,
    Request,
    Steps,
    Written,
)
from deployer.guard.lock_record import Record, Seen, as_json, from_json
from deployer.model.permissions import Permission, Scope

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

T = TypeVar("T")
# 409: another write of the same object was in progress.
_CONFLICT = {"PreconditionFailed", "ConditionalRequestConflict", "OperationAborted", "409", "412"}
_ABSENT = {"NoSuchKey", "404"}
_NO_BUCKET = {"NoSuchBucket"}
_FORBIDDEN = {"AccessDenied", "AllAccessDisabled", "403"}
_ELSEWHERE = {"PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException"}
# Two attempts of at most 8 s fit between two heartbeats.
_BRISK = Config(
    connect_timeout=3,
    read_timeout=5,
    retries={"mode": "standard", "total_max_attempts": 2},
    max_pool_connections=4,
)


def _objects(scope: Scope, *keys: str) -> list[str]:
    bucket = scope.names.bucket_arn(scope.environment.deployment_paths.bucket)
    return [f"{bucket}/{key}" for key in keys]


def _lock(scope: Scope) -> list[str]:
    return _objects(scope, scope.environment.deployment_paths.lock)


def _lock_and_journal(scope: Scope) -> list[str]:
    return [*_lock(scope), *_objects(scope, scope.environment.deployment_paths.journal)]


PERMISSIONS = (
    Permission("ReadArtifacts", "s3:GetObject", lambda scope: [scope.deployment_objects]),
    Permission("Guard", "s3:PutObject", _lock_and_journal),
    Permission("ReleaseLock", "s3:DeleteObject", _lock),
)


def brisk_s3(region: str) -> "S3Client":
    """An S3 client with its own session: calls about lock and journal must not pass the hooks of the deploy."""
    return boto3.Session().client("s3", region_name=region, config=_BRISK)


@dataclass(frozen=True)
class GuardObject:
    """One object beside the artifacts, written only under conditions; `account` must own the bucket."""

    s3: "S3Client"
    bucket: str
    key: str
    account: str

    @property
    def url(self) -> str:
        return f"s3://{self.bucket}/{self.key}"

    @property
    def way_out(self) -> str:
        return f"aws s3 rm {self.url}"

    def write(self, body: bytes, etag: str | None) -> str | None:
        """The new ETag, or None when the object does not have this ETag (without one: when the object exists)."""
        condition: dict[str, Any] = {"IfNoneMatch": "*"} if etag is None else {"IfMatch": etag}
        try:
            written = self.s3.put_object(
                **self._named(), **condition, Body=body, ContentType="application/json"
            )
        except ClientError as error:
            if _code(error) in _CONFLICT | _ABSENT:
                return None
            self._refuse(error, "s3:PutObject")
        return written["ETag"]

    def read(self) -> tuple[bytes, str, float] | None:
        """Content, ETag and age in seconds by S3's own clock; None when there is no object."""
        try:
            found = self.s3.get_object(**self._named())
        except ClientError as error:
            if _code(error) in _ABSENT:
                return None
            self._refuse(error, "s3:GetObject, and s3:ListBucket on the bucket")
        now = parsedate_to_datetime(found["ResponseMetadata"]["HTTPHeaders"]["date"])
        return found["Body"].read(), found["ETag"], (now - found["LastModified"]).total_seconds()

    def delete(self, etag: str) -> Answer:
        try:
            self.s3.delete_object(**self._named(), IfMatch=etag)
        except ClientError as error:
            if _code(error) in _CONFLICT:
                return Conflict()
            return Absent() if _code(error) in _ABSENT else Refused(str(error))
        return Absent()

    def _named(self) -> dict[str, Any]:
        return {"Bucket": self.bucket, "Key": self.key, "ExpectedBucketOwner": self.account}

    def _refuse(self, error: ClientError, needed: str) -> NoReturn:
        code = _code(error)
        if code in _NO_BUCKET:
            raise LockError(
                f"artifacts.artifactBucket: bucket {self.bucket} does not exist, and is not ours to make; create it"
            ) from error
        if code in _FORBIDDEN:
            raise LockError(
                f"{self.url}: access denied; either bucket {self.bucket} does not belong to account {self.account} "
                f"(then correct artifacts.artifactBucket) or the credentials lack {needed} on this object"
            ) from error
        if code in _ELSEWHERE:
            raise LockError(
                f"{self.url}: bucket {self.bucket} is in another region; set bucketRegion"
            ) from error
        raise LockError(f"{self.url}: {error}") from error


@dataclass(frozen=True)
class LockObject:
    """The lock of one environment."""

    object: GuardObject

    def run(self, steps: Steps[T]) -> T:
        """Runs a protocol function to its end. Raises LockError, and network errors of botocore."""
        try:
            request = next(steps)
            while True:
                request = steps.send(self.answer(request))
        except StopIteration as end:
            result: T = end.value
            return result

    def answer(self, request: Request) -> Answer:
        match request:
            case Put(record, etag):
                return self._put(record, etag)
            case Get():
                return self.look() or Absent()
            case Delete(etag):
                return self.object.delete(etag)
            case _ as never:
                assert_never(never)

    def look(self) -> Seen | None:
        """The lock as it is now, damaged or not; None when there is none."""
        found = self.object.read()
        if found is None:
            return None
        body, etag, age = found
        return Seen(etag, from_json(body), age)

    def _put(self, record: Record, etag: str | None) -> Answer:
        written = self.object.write(as_json(record), etag)
        return Conflict() if written is None else Written(written)


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))
