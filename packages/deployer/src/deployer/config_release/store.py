"""Config releases in the output bucket: the objects of each release, and the pointer to the current one."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from deployer.aws.adapter import code_of
from deployer.config_release.pointer import Pointer, dumped, parse
from deployer.errors import ReleaseError
from deployer.model.permissions import Permission, Scope
from sql_tree.release.contents import MANIFEST

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_READERS = 16
_ABSENT = {"NoSuchKey", "404"}
_CHANGED = {"PreconditionFailed", "ConditionalRequestConflict", "412", "409"}
_MOST_KEYS = 1000  # of one DeleteObjects (S3 API reference)


def _releases(scope: Scope) -> list[str]:
    route = scope.environment.release_route
    return [scope.names.objects_arn(route.output_bucket, f"{route.output_prefix}releases/")]


def _pointer(scope: Scope) -> list[str]:
    route = scope.environment.release_route
    return [f"{scope.names.bucket_arn(route.output_bucket)}/{route.output_prefix}current.json"]


PERMISSIONS = (
    Permission(
        "ListConfigs",
        "s3:ListBucket",
        lambda scope: [scope.names.bucket_arn(scope.environment.release_route.output_bucket)],
    ),
    Permission("ReadPointer", "s3:GetObject", _pointer),
    Permission("VerifyConfigs", "s3:GetObject", _releases),
    Permission("SwitchConfigs", "s3:PutObject", _pointer),
    Permission("PruneConfigs", "s3:DeleteObject", _releases),
    # Where the key is the default of the bucket.
    Permission("ReadEncryptedConfigs", "kms:Decrypt", lambda scope: scope.artifact_key),
    Permission("EncryptObjects", "kms:GenerateDataKey", lambda scope: scope.artifact_key),
)


@dataclass(frozen=True)
class StoredObject:
    """One object below `releases/`: its release, its name in it, its size and when it was written."""

    release: str
    name: str
    size: int
    modified: datetime


@dataclass(frozen=True)
class ReleaseStore:
    """The config root `s3://{bucket}/{prefix}`; the prefix ends in a slash unless empty."""

    s3: "S3Client"
    bucket: str
    prefix: str

    @property
    def releases_prefix(self) -> str:
        return f"{self.prefix}releases/"

    def release_prefix(self, release: str) -> str:
        return f"{self.releases_prefix}{release}/"

    @property
    def pointer_key(self) -> str:
        return f"{self.prefix}current.json"

    @property
    def pointer_address(self) -> str:
        return f"s3://{self.bucket}/{self.pointer_key}"

    def objects(self) -> Iterator[StoredObject]:
        """Everything below `releases/`."""
        for item in self._list(self.releases_prefix):
            release, _, name = str(item["Key"]).removeprefix(self.releases_prefix).partition("/")
            if name:
                yield StoredObject(release, name, item["Size"], item["LastModified"])

    def published(self, release: str) -> dict[str, str]:
        """sha256 of every object below the release's prefix, by relative name; reads each object's bytes."""
        prefix = self.release_prefix(release)
        names = [str(item["Key"]).removeprefix(prefix) for item in self._list(prefix)]
        with ThreadPoolExecutor(_READERS) as pool:
            return dict(zip(names, pool.map(lambda name: self._digest(prefix + name), names), strict=True))

    def read(self, release: str, name: str) -> bytes:
        """The content of one file. Raises ReleaseError when it is not there."""
        key = f"{self.release_prefix(release)}{name}"
        try:
            return self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        except ClientError as error:
            if code_of(error) not in _ABSENT:
                raise
            raise ReleaseError(
                f"release {release} lacks {name}: s3://{self.bucket}/{key} does not exist; "
                f"push it again from its commit"
            ) from error

    def manifest(self, release: str) -> Any:
        """The manifest of a published release. Raises ReleaseError when there is none, or it is damaged."""
        key = f"{self.release_prefix(release)}{MANIFEST}"
        try:
            return json.loads(self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read())
        except ClientError as error:
            if code_of(error) in _ABSENT:
                raise ReleaseError(
                    f"release {release} is not published: s3://{self.bucket}/{key} does not exist; "
                    f"nox -s configs -- releases ENV lists those that are"
                ) from error
            raise
        except ValueError as error:
            raise ReleaseError(
                f"s3://{self.bucket}/{key} is not a manifest ({error}); push the release again from its commit"
            ) from error

    def current(self) -> Pointer:
        """The pointer as it is now. Raises ReleaseError when it is damaged."""
        try:
            found = self.s3.get_object(Bucket=self.bucket, Key=self.pointer_key)
        except ClientError as error:
            if code_of(error) in _ABSENT:
                return Pointer(None, None)
            raise
        try:
            return parse(found["Body"].read(), found["ETag"], found["LastModified"])
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ReleaseError(
                f"{self.pointer_address} is not a pointer to a release ({error}); delete it and push again"
            ) from error

    def write(self, pointer: Pointer) -> Pointer:
        """Replaces the pointer that was read with the ETag of this one; returns it with its new ETag.

        Raises ReleaseError when it was changed since. An answer that is lost is looked up, not guessed.
        """
        body = dumped(pointer)
        try:
            return replace(pointer, etag=self._put(body, pointer.etag))
        except (ClientError, BotoCoreError) as error:
            refused = isinstance(error, ClientError) and code_of(error) in _CHANGED
            # S3 refuses the second try of a call whose first answer was lost: then it was done.
            etag = self._etag_of(body, error)
            if etag is not None:
                return replace(pointer, etag=etag)
            if not refused:
                raise
            raise ReleaseError(
                f"{self.pointer_address} was changed by another push, rollback or prune since it was read; "
                f"look with nox -s configs -- releases ENV and push again"
            ) from error

    def delete(self, release: str, names: Sequence[str]) -> None:
        """Deletes these objects of a release and nothing else. Raises ReleaseError when one remains."""
        prefix = self.release_prefix(release)
        for start in range(0, len(names), _MOST_KEYS):
            some = names[start : start + _MOST_KEYS]
            answer = self.s3.delete_objects(
                Bucket=self.bucket,
                Delete={"Objects": [{"Key": f"{prefix}{name}"} for name in some], "Quiet": True},
            )
            for failed in answer.get("Errors", ()):
                raise ReleaseError(
                    f"s3://{self.bucket}/{failed.get('Key')} cannot be deleted: "
                    f"{failed.get('Code')}: {failed.get('Message')}"
                )

    def _put(self, body: bytes, etag: str | None) -> str:
        if etag is None:
            answer = self.s3.put_object(Bucket=self.bucket, Key=self.pointer_key, Body=body, IfNoneMatch="*")
        else:
            answer = self.s3.put_object(Bucket=self.bucket, Key=self.pointer_key, Body=body, IfMatch=etag)
        return answer["ETag"]

    def _etag_of(self, body: bytes, failure: Exception) -> str | None:
        """The ETag of the pointer when it has exactly this content."""
        try:
            found = self.s3.get_object(Bucket=self.bucket, Key=self.pointer_key)
            return found["ETag"] if found["Body"].read() == body else None
        except ClientError as error:
            if code_of(error) in _ABSENT:
                return None
            raise failure from error
        except BotoCoreError as error:
            raise ReleaseError(
                f"it is not known whether {self.pointer_address} was switched: {failure}, then {error}; "
                f"look with nox -s configs -- releases ENV"
            ) from failure

    def _list(self, prefix: str) -> Iterable[Any]:
        for page in self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix):
            yield from page.get("Contents", [])

    def _digest(self, key: str) -> str:
        body = self.s3.get_object(Bucket=self.bucket, Key=key)["Body"]
        digest = hashlib.sha256()
        for chunk in body.iter_chunks(1 << 20):
            digest.update(chunk)
        return digest.hexdigest()
