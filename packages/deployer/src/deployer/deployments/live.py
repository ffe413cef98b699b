"""Makes a prepared release live: its manifest first, then the plan, then the note that it went live."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from deployer.apply import Run, apply
from deployer.aws.account import Account
from deployer.config_release.store import ReleaseStore
from deployer.deployment import Deployment, Prepared
from deployer.deployments.manifest import Activation, Manifest
from deployer.model import FunctionVersion, MachineVersion
from deployer.plan import Change


@dataclass(frozen=True)
class Author:
    """Who makes a release live, and from which build."""

    name: str
    build_url: str | None = None


def go_live(
    prepared: Prepared,
    how: str,
    author: Author,
    run: Run,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> tuple[Change, ...]:
    """Carries out the plan. Raises ApplyError; the manifest is there by then, so that rollback knows the release."""
    manifests = prepared.deployment.manifests
    manifest = manifest_of(prepared, now())
    if manifest:
        manifests.put(manifest)
    changes = apply(prepared.plan, run)
    if manifest:
        activation = Activation(_text(now()), how, author.name, author.build_url)
        manifests.put(manifest.went_live(activation, numbers_of(prepared.account, manifest)))
    return changes


def is_pending(prepared: Prepared) -> bool:
    """True when there is something to carry out: changes, or what a deploy left undone that was cut off at its end.

    That is the record of a release that is live without one, or old releases that were to be pruned.
    """
    if prepared.plan.changes or prepared.release is None:
        return bool(prepared.plan.changes)
    unrecorded = prepared.live is None or not prepared.live.activations
    return unrecorded or prepared.last.interrupted


def manifest_of(prepared: Prepared, now: datetime) -> Manifest | None:
    """What the plan makes live; a release that was live before keeps its history. None when nothing will be live."""
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


def config_release(deployment: Deployment) -> str | None:
    """The config release that is current."""
    route = deployment.environment.release_route
    store = ReleaseStore(deployment.clients.s3, route.output_bucket, route.output_prefix)
    return store.current().release


def numbers_of(account: Account, manifest: Manifest) -> dict[str, str]:
    """AWS's numbers of the versions a release holds, by function and machine."""
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
