"""Manifests in the artifact bucket, one object per release."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from deployer.aws.adapter import code_of
from deployer.deployments.manifest import Manifest, dumped, loaded

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_ABSENT = {"NoSuchKey", "NoSuchBucket", "404"}
_READERS = 8


@dataclass(frozen=True)
class Manifests:
    """Manifests below `s3://{bucket}/{prefix}`; the prefix ends in a slash."""

    s3: "S3Client"
    bucket: str
    prefix: str

    def key(self, release: str) -> str:
        return f"{self.prefix}{release}.json"

    def get(self, release: str) -> Manifest | None:
        """The manifest of one release, None when there is none. Raises ManifestError for a damaged one."""
        return self._read(self.key(release))

    def all(self) -> list[Manifest]:
        """All manifests, the one that went live last first."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self.prefix)
        keys = [item["Key"] for page in pages for item in page.get("Contents", [])]
        with ThreadPoolExecutor(_READERS) as pool:
            found = [manifest for manifest in pool.map(self._read, keys) if manifest]
        return sorted(found, key=lambda manifest: (manifest.last_live, manifest.created), reverse=True)

    def put(self, manifest: Manifest) -> None:
        self.s3.put_object(
            Bucket=self.bucket,
            Key=self.key(manifest.release),
            Body=dumped(manifest),
            ContentType="application/json",
        )

    def delete(self, manifest: Manifest) -> None:
        self.s3.delete_object(Bucket=self.bucket, Key=self.key(manifest.release))

    def _read(self, key: str) -> Manifest | None:
        try:
            text = self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        except ClientError as error:
            if code_of(error) in _ABSENT:
                return None
            raise
        return loaded(text, f"s3://{self.bucket}/{key}")
