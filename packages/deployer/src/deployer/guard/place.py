"""Where lock and journal of an environment lie: beside its artifacts."""

from dataclasses import dataclass

from deployer.deployment import Deployment
from deployer.guard.lock_object import GuardObject, LockObject, brisk_s3


@dataclass(frozen=True)
class Guarded:
    """Lock and journal of one environment, over one S3 client of their own."""

    lock: LockObject
    journal: GuardObject


def guarded(deployment: Deployment) -> Guarded:
    """What guards an environment in the artifact bucket, which must belong to the account that is deployed to."""
    environment, account = deployment.environment, deployment.names.place.account
    s3, bucket = brisk_s3(environment.bucket_region), environment.config.artifacts.bucket
    lock, journal = (
        GuardObject(s3, bucket, f"{deployment.folder}{name}", account)
        for name in ("lock.json", "journal.jsonl")
    )
    return Guarded(LockObject(lock), journal)
