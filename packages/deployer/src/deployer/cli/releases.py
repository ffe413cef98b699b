"""`releases`, `rollback` and `destroy`."""

from typing import Annotated

import typer

from deployer.cli.confirm import ApplyOptions, confirm_and_deploy, show
from deployer.cli.errors import explained
from deployer.cli.options import (
    AsJson,
    ConfigDir,
    EnvironmentName,
    LockTimeout,
    MaxDeletes,
    Yes,
    environment_of,
)
from deployer.cli.terminal import print_json, say, stdout
from deployer.code_release.manifest import Manifest
from deployer.deploying.deploy import is_pending
from deployer.deploying.deployment import open_deployment, release_in_force
from deployer.deploying.destroy import prepare_destroy
from deployer.deploying.rollback import prepare_rollback
from deployer.errors import PlanRefused
from deployer.planning.plan import refuse_excess_deletes
from deployer.views.releases import release_lines

Release = Annotated[
    str | None, typer.Argument(metavar="[RELEASE]", help="Beginning of its id [the one before].")
]


def releases(env: EnvironmentName, config_dir: ConfigDir = None, as_json: AsJson = False) -> None:
    """List the releases that can be rolled back to, newest first."""
    with explained():
        deployment = open_deployment(environment_of(env, config_dir))
        live = release_in_force(deployment, deployment.account())
        manifests = deployment.manifests.all()
    if as_json:
        print_json([_row(manifest, live) for manifest in manifests])
    else:
        for line in release_lines(manifests, live):
            stdout().print(line)


def rollback(
    env: EnvironmentName,
    release: Release = None,
    config_dir: ConfigDir = None,
    yes: Yes = False,
    lock_timeout: LockTimeout = 0,
    as_json: AsJson = False,
) -> None:
    """Bring an earlier release back, by default the one that was live before; needs no build."""
    with explained():
        prepared = prepare_rollback(open_deployment(environment_of(env, config_dir), planning=True), release)
        show(prepared, as_json, f"nothing to do: release {prepared.release} is deployed as it was applied")
        if is_pending(prepared):
            confirm_and_deploy(prepared, ApplyOptions("rollback", yes, lock_timeout))
        say(f"release {prepared.release} is live", style="bold green")


def destroy(
    env: EnvironmentName,
    config_dir: ConfigDir = None,
    yes: Yes = False,
    max_deletes: MaxDeletes = 0,
    lock_timeout: LockTimeout = 0,
    as_json: AsJson = False,
) -> None:
    """Delete all that this environment owns; buckets and data are never touched."""
    with explained():
        prepared = prepare_destroy(open_deployment(environment_of(env, config_dir), planning=True))
        show(prepared, as_json, "nothing to do: this environment owns nothing")
        if yes:
            refuse_excess_deletes(prepared.plan, max_deletes)
        if prepared.plan.changes:
            _typed(prepared.deployment.names.prefix, yes)
            confirm_and_deploy(prepared, ApplyOptions("destroy", True, lock_timeout))


def _typed(prefix: str, yes: bool) -> None:
    if not yes and typer.prompt(f"type {prefix} to delete all of this", err=True) != prefix:
        raise PlanRefused(f"not destroyed: {prefix} was not typed")


def _row(manifest: Manifest, live: str | None) -> dict[str, object]:
    return {
        "release": manifest.release,
        "live": manifest.release == live,
        "created": manifest.created,
        "activations": [vars(activation) for activation in manifest.activations],
        "packages": {package.name: package.version for package in manifest.packages},
        "configRelease": manifest.config_release,
        "versions": dict(manifest.numbers),
    }
