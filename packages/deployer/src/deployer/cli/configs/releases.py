"""`configs releases`, `configs rollback` and `configs prune`."""

from typing import Annotated

import typer
from botocore.exceptions import BotoCoreError, ClientError

from deployer.cli.configs.place import now, origin_of, pinned_in, rules_of, store_of
from deployer.cli.configs.publishing import Keep
from deployer.cli.errors import explained, message
from deployer.cli.options import AsJson, ConfigDir, EnvironmentName, environment_of
from deployer.cli.terminal import print_json, say, stdout
from deployer.config_release import pruning
from deployer.config_release.inventory import inventory
from deployer.config_release.rollback import roll_back
from deployer.deploying.deployment import Deployment, open_deployment
from deployer.views.config_releases import Pinned, config_release_documents, config_release_lines

Release = Annotated[
    str | None, typer.Argument(metavar="[RELEASE]", help="Beginning of its digest [the one before].")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Delete nothing, only say what would go.")]


def releases(env: EnvironmentName, config_dir: ConfigDir = None, as_json: AsJson = False) -> None:
    """List the published releases, the live one first: when, by whom, from which commit, which one a run reads."""
    with explained():
        deployment = open_deployment(environment_of(env, config_dir))
        found, pinned = inventory(store_of(deployment)), _pinned(deployment)
    if as_json:
        print_json(config_release_documents(found, pinned))
        return
    for line in config_release_lines(found, pinned):
        stdout().print(line)


def rollback(
    env: EnvironmentName, release: Release = None, config_dir: ConfigDir = None, as_json: AsJson = False
) -> None:
    """Make an earlier release current again, by default the one before; it is compared with its manifest first."""
    with explained():
        deployment = open_deployment(environment_of(env, config_dir))
        origin = origin_of(deployment)
        current, previous = roll_back(store_of(deployment), release, origin, now())
    if as_json:
        print_json({"release": current, "previous": previous, "switched": current != previous})
    elif current == previous:
        stdout().print(f"release {current} is current already")
    else:
        stdout().print(f"release {current} is current (was {previous or 'none'})")


def prune(
    env: EnvironmentName,
    keep: Keep = pruning.KEEP,
    dry_run: DryRun = False,
    config_dir: ConfigDir = None,
    as_json: AsJson = False,
) -> None:
    """Delete old releases: never the live one, those of --keep, nor one that a run may still read."""
    with explained():
        deployment = open_deployment(environment_of(env, config_dir))
        store, rules, at = store_of(deployment), rules_of(deployment, keep), now()
        old = (
            pruning.old_releases(inventory(store), rules, at) if dry_run else pruning.prune(store, rules, at)
        )
    if as_json:
        print_json(
            {"dryRun": dry_run, "pruned": [{"release": item.release, "why": item.why} for item in old]}
        )
        return
    for item in old:
        what = "would be pruned" if dry_run else "is pruned"
        stdout().print(f"release {item.release} {what}: {item.why}, {len(item.names)} objects")
    if not old:
        stdout().print("nothing to prune")


def _pinned(deployment: Deployment) -> Pinned:
    """Running executions by release; a list without them is better than none."""
    try:
        return pinned_in(deployment)
    except (ClientError, BotoCoreError) as error:
        say(f"warning: running executions are not shown: {message(error)}", style="yellow")
        return {}
