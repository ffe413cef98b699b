"""Artifact objects, identified by the digest in their metadata; never deleted."""

import base64
import hashlib
from collections.abc import Iterable
from typing import Any

from botocore.exceptions import ClientError

from deployer.aws.adapter import code_of
from deployer.aws.clients import Clients
from deployer.errors import BuildError, DeployerError
from deployer.model.permissions import Permission, Scope
from deployer.model.resources import MANAGER, Artifact

_DIGEST = "cars-digest"
_SHA256 = "cars-sha256"
_ABSENT = {"404", "NoSuchBucket", "NoSuchKey", "NotFound"}


def _code(scope: Scope) -> list[str]:
    """Objects of code, keyed by digest."""
    place = scope.environment.config.artifacts
    folders = ("lambda/", "glue/releases/")
    return [scope.names.objects_arn(place.bucket, f"{place.prefix}{folder}") for folder in folders]


# Lambda reads the code of a function with the permissions of the caller that creates or updates it.
PERMISSIONS = (
    Permission("ReadArtifacts", "s3:GetObject", _code),
    Permission("WriteArtifacts", "s3:PutObject", _code),
    Permission("ReadEncrypted", "kms:Decrypt", lambda scope: scope.artifact_key),
    Permission("EncryptObjects", "kms:GenerateDataKey", lambda scope: scope.artifact_key),
)


def _encryption(want: Artifact) -> Any:
    """Without a key in the file the default of the bucket encrypts."""
    return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": want.kms_key} if want.kms_key else {}


class Artifacts:
    """Objects of one artifact bucket. Old ones are kept: running jobs and rollbacks read them.

    The metadata of an object say what was sent, S3's checksum says what is stored: an object that was replaced under
    the same key is detected, whatever its metadata.
    """

    def __init__(self, clients: Clients, bucket: str) -> None:
        self._s3 = clients.s3
        self._bucket = bucket

    def candidates(self, prefix: str) -> Iterable[str]:
        return ()

    def read(self, name: str) -> Artifact | None:
        try:
            found = self._s3.head_object(Bucket=self._bucket, Key=name, ChecksumMode="ENABLED")
        except ClientError as error:
            # Without s3:ListBucket AWS answers 403 for a missing object: a missing permission, not a missing object.
            if code_of(error) in _ABSENT:
                return None
            raise
        metadata = found["Metadata"]
        is_ours = metadata.get(_SHA256) == found.get("ChecksumSHA256")
        digest = metadata.get(_DIGEST, "not ours") if is_ours else "changed outside the deployer"
        return Artifact(self._bucket, name, digest)

    def create(self, want: Artifact) -> None:
        if want.path is None:
            raise BuildError(f"{want.name} has no local file to send; run nox -s build")
        with want.path.open("rb") as body:
            checksum = base64.b64encode(hashlib.file_digest(body, "sha256").digest()).decode()
            body.seek(0)
            self._s3.put_object(
                Bucket=want.bucket,
                Key=want.name,
                Body=body,
                ChecksumSHA256=checksum,
                Metadata={_DIGEST: want.digest, _SHA256: checksum, "cars-managed-by": MANAGER},
                **_encryption(want),
            )

    def update(self, have: Artifact, want: Artifact) -> None:
        self.create(want)

    def delete(self, have: Artifact) -> None:
        raise DeployerError(f"{have.name}: artifacts are never deleted; use a lifecycle rule of the bucket")
