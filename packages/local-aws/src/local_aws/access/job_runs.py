"""The permissions that a Glue job run requires of its job's role."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from local_aws.access.callers import role_session
from local_aws.access.calls import Call
from local_aws.access.evaluation import Permission
from local_aws.access.guard import DeniedError, Guard
from local_aws.access.services.all import permissions_of
from local_aws.emulator.settings import ACCOUNT, REGION

SERVICE = "glue.amazonaws.com"
NAMESPACE = "Glue"
# https://docs.aws.amazon.com/glue/latest/dg/create-service-policy.html
NETWORK = (
    "ec2:DescribeVpcEndpoints",
    "ec2:DescribeRouteTables",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcAttribute",
)
INTERFACE_TAGS = ("ec2:CreateTags", "ec2:DeleteTags")
TAG_KEYS = {"aws:tagkeys": ("aws-glue-service-resource",)}


@dataclass(frozen=True, slots=True)
class RunRole:
    """The role of a job, in the session of one run."""

    guard: Guard
    arn: str
    session: str

    def authorize_start(
        self, connections: Iterable[str], urls: Iterable[str], exists: Callable[[str], bool]
    ) -> None:
        """Raise `DeniedError` when Glue may not assume the role, or the role may not use the connections or read the URLs.

        An object that does not `exist` takes s3:ListBucket, too: without it S3 answers 403 instead of 404.
        """
        if self.guard.enforced and not self.guard.role_trusts(self.arn, "Service", SERVICE):
            raise DeniedError(f"Role {self.arn} should be given assume role permissions for Glue Service.")
        self._authorize_connections(connections)
        for url in urls:
            bucket, _, key = url.removeprefix("s3://").partition("/")
            self.authorize(
                *permissions_of(Call("s3", "GetObject", {"Bucket": bucket, "Key": key}, REGION, ACCOUNT))
            )
            if not exists(url):
                self.authorize(Permission("s3:ListBucket", f"arn:aws:s3:::{bucket}"))

    def _authorize_connections(self, connections: Iterable[str]) -> None:
        for name in connections:
            catalog, connection = (
                f"arn:aws:glue:{REGION}:{ACCOUNT}:{part}" for part in ("catalog", f"connection/{name}")
            )
            interface = f"arn:aws:ec2:{REGION}:{ACCOUNT}:network-interface/eni-00000000"
            self.authorize(
                Permission("glue:GetConnection", catalog),
                Permission("glue:GetConnection", connection),
                *(Permission(action) for action in NETWORK),
                *(Permission(action, interface, TAG_KEYS) for action in INTERFACE_TAGS),
            )

    def authorize(self, *permissions: Permission) -> None:
        """Raise `DeniedError` for the first missing permission."""
        self.guard.authorize(role_session(self.arn, self.session), permissions)
