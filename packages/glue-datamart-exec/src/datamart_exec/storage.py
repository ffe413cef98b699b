"""Reads, lists and deletes objects on S3 with one client, made on first use."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from datamart_exec.errors import DatamartError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef

CONFIG = Config(
    connect_timeout=5,
    read_timeout=30,
    retries={"mode": "standard", "total_max_attempts": 3},
    s3={"addressing_style": "path"},
)
PART = 1 << 20  # bytes of one request for a part of an object


@dataclass(frozen=True, slots=True, order=True)
class StoredObject:
    """One object: its key, and ETag and size, which change with its content."""

    key: str
    etag: str
    size: int


@dataclass(frozen=True, slots=True)
class Folder:
    """One level of a bucket: the names of the folders there, and the objects beside them."""

    folders: tuple[str, ...]
    objects: tuple[StoredObject, ...]


class Storage:
    """Access to the buckets that this run may use."""

    @cached_property
    def client(self) -> S3Client:
        return boto3.client("s3", config=CONFIG)

    def uri(self, bucket: str, key: str) -> str:
        """An object as DuckDB names it."""
        return f"s3://{bucket}/{key}"

    def read(self, bucket: str, key: str) -> bytes:
        """Read a whole object; for small objects only."""
        try:
            return self.client.get_object(Bucket=bucket, Key=key)["Body"].read()
        except (ClientError, BotoCoreError) as error:
            raise DatamartError(f"cannot read s3://{bucket}/{key}: {_reason(error)}") from error

    def first_bytes(self, bucket: str, key: str, count: int) -> bytes:
        """The first bytes of an object that is not empty."""
        return self.part(bucket, key, 0, count)

    def part(self, bucket: str, key: str, start: int, count: int) -> bytes:
        """At most `count` bytes of an object from `start` on."""
        try:
            wanted = f"bytes={start}-{start + count - 1}"
            return self.client.get_object(Bucket=bucket, Key=key, Range=wanted)["Body"].read()
        except (ClientError, BotoCoreError) as error:
            raise DatamartError(f"cannot read s3://{bucket}/{key}: {_reason(error)}") from error

    def open(self, bucket: str, found: StoredObject) -> io.BufferedReader:
        """An object as a file that is read in parts."""
        return io.BufferedReader(_Parts(self, bucket, found), PART)

    def objects(self, bucket: str, prefix: str) -> Iterator[StoredObject]:
        """List every object under `prefix` in key order, page by page."""
        try:
            for page in self.client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
                for entry in page.get("Contents", ()):
                    yield StoredObject(entry["Key"], entry["ETag"].strip('"'), entry["Size"])
        except (ClientError, BotoCoreError) as error:
            raise DatamartError(f"cannot list s3://{bucket}/{prefix}: {_reason(error)}") from error

    def delete(self, bucket: str, keys: Sequence[str]) -> None:
        """Delete objects; those that are gone already do not matter."""
        try:
            for start in range(0, len(keys), 1000):  # the most that one request takes
                batch: list[ObjectIdentifierTypeDef] = [{"Key": key} for key in keys[start : start + 1000]]
                answer = self.client.delete_objects(Bucket=bucket, Delete={"Objects": batch, "Quiet": True})
                for error in answer.get("Errors", ()):
                    raise DatamartError(
                        f"cannot delete s3://{bucket}/{error.get('Key')}: {error.get('Code')}: {error.get('Message')}"
                    )
        except (ClientError, BotoCoreError) as error:
            raise DatamartError(f"cannot delete objects of s3://{bucket}: {_reason(error)}") from error

    def folder(self, bucket: str, prefix: str) -> Folder:
        """What lies directly under `prefix`, which ends in /."""
        folders: list[str] = []
        objects: list[StoredObject] = []
        try:
            pages = self.client.get_paginator("list_objects_v2").paginate(
                Bucket=bucket, Prefix=prefix, Delimiter="/"
            )
            for page in pages:
                folders += [
                    entry["Prefix"][len(prefix) :].rstrip("/") for entry in page.get("CommonPrefixes", ())
                ]
                objects += [
                    StoredObject(entry["Key"], entry["ETag"].strip('"'), entry["Size"])
                    for entry in page.get("Contents", ())
                ]
        except (ClientError, BotoCoreError) as error:
            raise DatamartError(f"cannot list s3://{bucket}/{prefix}: {_reason(error)}") from error
        return Folder(tuple(folders), tuple(objects))


class _Parts(io.RawIOBase):
    """An object that is read part by part."""

    def __init__(self, storage: Storage, bucket: str, found: StoredObject) -> None:
        self.storage = storage
        self.bucket = bucket
        self.found = found
        self.position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self.position, io.SEEK_END: self.found.size}[whence]
        self.position = base + offset
        return self.position

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        count = min(len(view), self.found.size - self.position)
        if count <= 0:
            return 0
        data = self.storage.part(self.bucket, self.found.key, self.position, count)
        view[: len(data)] = data
        self.position += len(data)
        return len(data)


def _reason(error: ClientError | BotoCoreError) -> str:
    if isinstance(error, ClientError):
        if error.response["Error"].get("Code") == "NoSuchKey":
            return "there is no such object; push the configs again or correct bucket and prefix"
        return f"{error.response['Error'].get('Code', '?')}: {error.response['Error'].get('Message', '')}"
    return str(error)
