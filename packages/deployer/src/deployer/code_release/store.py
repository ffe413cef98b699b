"""Manifests in the artifact bucket, one object per release."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from deployer.aws.adapter import code_of
from deployer.code_release.manifest import Manifest, dumped, loaded
from deployer.environment_file.environment import DeploymentPaths
from deployer.model.permissions import Permission, Scope

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_ABSENT = {"NoSuchKey", "NoSuchBucket", "404"}
_READERS = 8


def _manifests(scope: Scope) -> list[str]:
    paths = scope.environment.deployment_paths
    return [scope.names.objects_arn(paths.bucket, paths.manifests)]


# AWS answers 404 for a missing object, instead of 403, only to callers that may list its bucket.
PERMISSIONS = (
    Permission(
        "ListDeployments",
        "s3:ListBucket",
        lambda scope: [scope.names.bucket_arn(scope.environment.deployment_paths.bucket)],
    ),
    Permission("ReadArtifacts", "s3:GetObject", lambda scope: [scope.deployment_objects]),
    Permission("WriteArtifacts", "s3:PutObject", _manifests),
    Permission("PruneManifests", "s3:DeleteObject", _manifests),
)


@dataclass(frozen=True)
class Manifests:
    """Manifests of one environment."""

    s3: "S3Client"
    paths: DeploymentPaths

    def get(self, release: str) -> Manifest | None:
        """The manifest of one release, None when there is none. Raises ManifestError for a damaged one."""
        return self._read(self.paths.manifest(release))

    def all(self) -> list[Manifest]:
        """All manifests, the one that went live last first."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(
            Bucket=self.paths.bucket, Prefix=self.paths.manifests
        )
        keys = [item["Key"] for page in pages for item in page.get("Contents", [])]
        with ThreadPoolExecutor(_READERS) as pool:
            found = [manifest for manifest in pool.map(self._read, keys) if manifest]
        return sorted(found, key=lambda manifest: (manifest.last_live, manifest.created), reverse=True)

    def put(self, manifest: Manifest) -> None:
        self.s3.put_object(
            Bucket=self.paths.bucket,
            Key=self.paths.manifest(manifest.release),
            Body=dumped(manifest),
            ContentType="application/json",
        )

    def delete(self, manifest: Manifest) -> None:
        self.s3.delete_object(Bucket=self.paths.bucket, Key=self.paths.manifest(manifest.release))

    def _read(self, key: str) -> Manifest | None:
        try:
            text = self.s3.get_object(Bucket=self.paths.bucket, Key=key)["Body"].read()
        except ClientError as error:
            if code_of(error) in _ABSENT:
                return None
            raise
        return loaded(text, f"s3://{self.paths.bucket}/{key}")
