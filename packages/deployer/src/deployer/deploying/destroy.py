"""The plan that deletes everything an environment owns; buckets are never ours, so data stays."""

from dataclasses import replace

from deployer.aws.account import read_existing
from deployer.deploying.deployment import Deployment, Prepared, last_applied
from deployer.model.resources import owner_of
from deployer.planning.plan import diff


def prepare_destroy(deployment: Deployment) -> Prepared:
    """A plan that deletes every resource with this environment's tags."""
    last = deployment.last_deploy()
    account = deployment.account()
    owner = deployment.environment.config.deploy_env
    manifest = last_applied(deployment, account)
    existing = read_existing(account, manifest.by_key if manifest else (), deployment.names, owner)
    owned = {key: resource for key, resource in existing.items() if owner_of(resource) == owner}
    paths = deployment.environment.deployment_paths
    notes = (
        *last.notes,
        f"artifacts and manifests stay in s3://{paths.bucket}/{paths.folder}: "
        f"nox -s rollback -- ENV RELEASE makes all of it again",
        "buckets and what is in them are not touched",
    )
    plan = replace(diff((), owned), notes=notes)
    return Prepared(deployment, account, plan, existing, (), manifest, last)
