"""The store on S3. boto3 comes with the Lambda runtime and is imported by the first use."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

from edv_build_processing_plan.errors import PlanError


@cache
def client() -> Any:
    """An S3 client with 5 seconds to connect and 10 for an answer; the state machine retries."""
    import boto3
    from botocore.config import Config

    config = Config(connect_timeout=5, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 2})
    return boto3.client("s3", config=config)


@dataclass(frozen=True, slots=True)
class S3Store:
    """The objects under s3://bucket/prefix/; slashes around `prefix` are ignored. Raises PlanError."""

    s3: Any
    bucket: str
    prefix: str

    def where(self, name: str) -> str:
        return f"s3://{self.bucket}/{self._root()}{name}"

    def read(self, name: str) -> bytes | None:
        with self._named(name):
            try:
                answer = self.s3.get_object(Bucket=self.bucket, Key=self._root() + name)
            except self.s3.exceptions.NoSuchKey:
                return None
            body: bytes = answer["Body"].read()
        return body

    def names(self, folder: str) -> list[str]:
        root = self._root()
        with self._named(folder):
            pages = self.s3.get_paginator("list_objects_v2").paginate(
                Bucket=self.bucket, Prefix=root + folder
            )
            return [found["Key"].removeprefix(root) for page in pages for found in page.get("Contents", [])]

    def _root(self) -> str:
        stripped = self.prefix.strip("/")
        return f"{stripped}/" if stripped else ""

    @contextmanager
    def _named(self, name: str) -> Iterator[None]:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            yield
        except (ClientError, BotoCoreError) as error:
            raise PlanError(f"{self.where(name)} cannot be read: {error}") from error
