"""Where config releases of an environment are, who switches to them, and which are pinned."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from deployer.blueprint.machine import longest_run
from deployer.config_release.pruning import Rules
from deployer.config_release.publish import Origin, Route
from deployer.config_release.store import ReleaseStore
from deployer.deploying.deployment import Deployment
from deployer.execution.pins import pinned_releases
from deployer.guard.identity import build_url, who


def now() -> datetime:
    """This moment."""
    return datetime.now(UTC)


def store_of(deployment: Deployment) -> ReleaseStore:
    """The config root."""
    place = deployment.environment.release_route
    return ReleaseStore(deployment.clients.s3, place.output_bucket, place.output_prefix)


def origin_of(deployment: Deployment, commit: str | None = None) -> Origin:
    """Who works here, and the page of the build."""
    return Origin(who(deployment.clients.identity), commit, build_url(os.environ))


def route_of(
    deployment: Deployment, build: Path, *, debug: bool | None, timeout: int | None, commit: str | None
) -> Route:
    """What a push needs."""
    environment, upload = deployment.environment, deployment.environment.config.config_upload
    return Route(
        environment=environment,
        store=store_of(deployment),
        functions=deployment.clients.invoker(timeout or upload.timeout_seconds),
        function_name=upload.function_name or deployment.names.function("UploadConfig"),
        debug=upload.debug if debug is None else debug,
        records=build / "configs" / environment.name,
        origin=origin_of(deployment, commit),
    )


def pinned_in(deployment: Deployment) -> dict[str, tuple[str, ...]]:
    """Running executions by the release that they are pinned to."""
    machine = deployment.names.machine_arn(deployment.names.edv_pipeline)
    return pinned_releases(deployment.clients.states, machine)


def rules_of(deployment: Deployment, keep: int) -> Rules:
    """What a prune keeps."""
    longest = timedelta(seconds=longest_run(deployment.environment))
    return Rules(keep, pinned_in(deployment).keys(), longest)
