"""Where lock and journal of an environment are: beside its artifacts, over one S3 client of their own."""

from dataclasses import dataclass

from deployer.environment_file import Environment
from deployer.guard.lock_object import GuardObject, LockObject, brisk_s3


@dataclass(frozen=True)
class LockLocation:
    """Lock and journal of one environment."""

    lock: LockObject
    journal: GuardObject


def lock_location(environment: Environment, account: str) -> LockLocation:
    """Lock and journal in the artifact bucket, which must belong to the account that is deployed to."""
    s3, paths = brisk_s3(environment.bucket_region), environment.deployment_paths
    lock = GuardObject(s3, paths.bucket, paths.lock, account)
    return LockLocation(LockObject(lock), GuardObject(s3, paths.bucket, paths.journal, account))
