"""The record of a release: its manifest before the changes, and when it went live."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from deployer.aws.account import Account
from deployer.code_release.manifest import Activation, Manifest
from deployer.config_release.store import ReleaseStore
from deployer.deploying.deployment import Deployment, Prepared
from deployer.model.resources import FunctionVersion, MachineVersion


@dataclass(frozen=True)
class Author:
    """Who makes a release live, and from which build."""

    name: str
    build_url: str | None = None


def manifest_of(prepared: Prepared, now: datetime) -> Manifest | None:
    """The manifest of the planned release; one that was live before keeps its history. None without a release."""
    release = prepared.release
    if release is None:
        return None
    deployment = prepared.deployment
    with ThreadPoolExecutor(1) as beside:
        config = beside.submit(config_release, deployment)
        known = deployment.manifests.get(release)
    made = Manifest(
        release=release,
        deploy_env=deployment.environment.config.deploy_env,
        created=_text(now),
        packages=prepared.packages,
        resources=prepared.plan.wanted,
        config_release=config.result(),
    )
    return replace(made, created=known.created, activations=known.activations) if known else made


def with_activation(
    manifest: Manifest, how: str, author: Author, account: Account, now: datetime
) -> Manifest:
    """The manifest of a release that has just gone live."""
    activation = Activation(_text(now), how, author.name, author.build_url)
    return manifest.went_live(activation, numbers_of(account, manifest))


def config_release(deployment: Deployment) -> str | None:
    """The config release that is current."""
    route = deployment.environment.release_route
    store = ReleaseStore(deployment.clients.s3, route.output_bucket, route.output_prefix)
    return store.current().release


def numbers_of(account: Account, manifest: Manifest) -> dict[str, str]:
    """AWS's numbers of the release's versions, by function and machine."""
    found: dict[str, str] = {}
    for resource in manifest.resources:
        match resource:
            case FunctionVersion(function, digest):
                found[function] = account.function_numbers.of(function).get(digest, "?")
            case MachineVersion(machine, digest):
                found[machine] = account.machine_numbers.of(machine).get(digest, "?")
            case _:
                pass
    return found


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
