"""Config releases in the output bucket: the objects of each release, and the pointer to the current one."""

import hashlib
import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from deployer.aws.adapter import code_of
from deployer.errors import ReleaseError
from deployer.model.permissions import Permission, Scope
from sql_tree.release.contents import MANIFEST

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_READERS = 16


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
    # Where the key is the default of the bucket.
    Permission("ReadEncryptedConfigs", "kms:Decrypt", lambda scope: scope.artifact_key),
    Permission("EncryptObjects", "kms:GenerateDataKey", lambda scope: scope.artifact_key),
)


@dataclass(frozen=True)
class Pointer:
    """Content of `current.json` and the ETag it was read with (None: there is no pointer yet)."""

    release: str | None
    etag: str | None


@dataclass(frozen=True)
class ReleaseStore:
    """The config root `s3://{bucket}/{prefix}`; the prefix ends in a slash unless empty."""

    s3: "S3Client"
    bucket: str
    prefix: str

    def release_prefix(self, release: str) -> str:
        return f"{self.prefix}releases/{release}/"

    @property
    def pointer_key(self) -> str:
        return f"{self.prefix}current.json"

    def published(self, release: str) -> dict[str, str]:
        """sha256 of every object below the release's prefix, by relative name; reads each object's bytes."""
        prefix = self.release_prefix(release)
        names = list(self._names(prefix))
        with ThreadPoolExecutor(_READERS) as pool:
            return dict(zip(names, pool.map(lambda name: self._digest(prefix + name), names), strict=True))

    def manifest(self, release: str) -> Any:
        """The manifest of a published release. Raises ReleaseError when there is none."""
        key = f"{self.release_prefix(release)}{MANIFEST}"
        try:
            return json.loads(self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read())
        except ClientError as error:
            if code_of(error) in {"NoSuchKey", "404"}:
                raise ReleaseError(
                    f"release {release} is not published: s3://{self.bucket}/{key} does not exist; "
                    f"published ones are the folders below {self.prefix}releases/"
                ) from error
            raise

    def current(self) -> Pointer:
        """The pointer as it is now. Raises ReleaseError when it is damaged."""
        try:
            found = self.s3.get_object(Bucket=self.bucket, Key=self.pointer_key)
        except ClientError as error:
            if code_of(error) in {"NoSuchKey", "404"}:
                return Pointer(None, None)
            raise
        try:
            return Pointer(str(json.loads(found["Body"].read())["release"]), found["ETag"])
        except (ValueError, KeyError, TypeError) as error:
            raise ReleaseError(
                f"s3://{self.bucket}/{self.pointer_key} is not a pointer to a release ({error}); "
                f"delete it and push again"
            ) from error

    def switch(self, pointer: dict[str, Any], seen: Pointer) -> None:
        """Points at another release. Raises ReleaseError when the pointer was changed since it was `seen`."""
        body = f"{json.dumps(pointer, indent=1, sort_keys=True)}\n".encode()
        try:
            if seen.etag is None:
                self.s3.put_object(Bucket=self.bucket, Key=self.pointer_key, Body=body, IfNoneMatch="*")
            else:
                self.s3.put_object(Bucket=self.bucket, Key=self.pointer_key, Body=body, IfMatch=seen.etag)
        except ClientError as error:
            if code_of(error) not in {"PreconditionFailed", "ConditionalRequestConflict", "412", "409"}:
                raise
            raise ReleaseError(
                f"s3://{self.bucket}/{self.pointer_key} was changed by another push since it was read "
                f"(it pointed at {seen.release or 'nothing'}); look at the current release and push again"
            ) from error

    def _names(self, prefix: str) -> Iterable[str]:
        for page in self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix):
            yield from (item["Key"].removeprefix(prefix) for item in page.get("Contents", []))

    def _digest(self, key: str) -> str:
        body = self.s3.get_object(Bucket=self.bucket, Key=key)["Body"]
        digest = hashlib.sha256()
        for chunk in body.iter_chunks(1 << 20):
            digest.update(chunk)
        return digest.hexdigest()
