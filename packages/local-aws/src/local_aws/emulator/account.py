"""In-process access to the emulator's services: objects, role credentials, logs."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from local_aws.emulator import settings  # isort: skip - before anything of moto

from moto.logs.models import logs_backends
from moto.s3.exceptions import MissingBucket
from moto.s3.models import s3_backends
from moto.sts.models import sts_backends

from local_aws.errors import LocalAwsError
from local_aws.sdk import make_client

SESSION_SECONDS = 12 * 3600
LARGEST_LOG_EVENT = 262_144 - 26  # bytes, CloudWatch Logs


class NoSuchObjectError(LocalAwsError):
    """An S3 URL names no object."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object of S3: its ETag and a way to read it."""

    url: str
    etag: str
    _key: Any = field(repr=False)

    def read(self) -> bytes:
        """The whole content."""
        value: bytes = self._key.value
        return value


@dataclass(frozen=True, slots=True)
class Account:
    """One account in one region."""

    endpoint_url: str
    account: str = settings.ACCOUNT
    region: str = settings.REGION
    partition: str = "aws"

    def find_object(self, url: str) -> StoredObject:
        """The object at `s3://bucket/key`."""
        bucket, _, key = url.removeprefix("s3://").partition("/")
        try:
            found = s3_backends[self.account][self.partition].get_object(bucket, key)
        except MissingBucket as error:
            raise NoSuchObjectError(f"{url}: there is no bucket {bucket}") from error
        if found is None:
            raise NoSuchObjectError(f"{url}: there is no such object in bucket {bucket}")
        return StoredObject(url, found.etag, found)

    def has_object(self, url: str) -> bool:
        """Whether there is an object at `s3://bucket/key`."""
        try:
            self.find_object(url)
        except NoSuchObjectError:
            return False
        return True

    def role_environment(self, role_arn: str, session: str) -> dict[str, str]:
        """Environment variables with temporary credentials of a role, the region and the endpoint."""
        role = sts_backends[self.account][self.partition].assume_role(
            region_name=self.region,
            role_session_name=session[:64],
            role_arn=role_arn,
            policy="",
            duration=SESSION_SECONDS,
            external_id="",
        )
        return {
            "AWS_ACCESS_KEY_ID": role.access_key_id,
            "AWS_SECRET_ACCESS_KEY": role.secret_access_key,
            "AWS_SESSION_TOKEN": role.session_token,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_ENDPOINT_URL": self.endpoint_url,
        }

    def role_client(
        self, service: str, role_arn: str, session: str, region: str | None = None, **settings: Any
    ) -> Any:
        """A boto3 client of this endpoint with temporary credentials of a role."""
        environment = self.role_environment(role_arn, session)
        return make_client(
            service,
            region_name=region or self.region,
            endpoint_url=self.endpoint_url,
            aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
            aws_session_token=environment["AWS_SESSION_TOKEN"],
            **settings,
        )

    def has_log(self, group: str, stream: str) -> tuple[bool, bool]:
        """Whether the log group exists, and whether the stream does."""
        held = logs_backends[self.account][self.region].groups.get(group)
        return held is not None, held is not None and stream in held.streams

    def log(self, group: str, stream: str, lines: Iterable[str]) -> None:
        """Append lines to a CloudWatch log stream. Missing group and stream are created."""
        now = int(time.time() * 1000)
        events = [{"timestamp": now, "message": line[:LARGEST_LOG_EVENT]} for line in lines]
        backend = logs_backends[self.account][self.region]
        backend.ensure_log_group(group)
        backend.ensure_log_stream(group, stream)
        if events:
            backend.put_log_events(group, stream, events)
