"""`configs check` and `configs push`."""

from typing import Annotated

import typer
from botocore.exceptions import BotoCoreError, ClientError

from deployer.cli.configs.place import now, route_of, rules_of, store_of
from deployer.cli.configs.tree import LIMIT, Limit, Manifest, Sarif, Source, compiled, tree_to_check
from deployer.cli.errors import explained, message
from deployer.cli.options import AsJson, BuildDir, ConfigDir, EnvironmentName, build_dir_of, environment_of
from deployer.cli.terminal import print_json, say, stdout
from deployer.config_release.origin import commit_of
from deployer.config_release.pruning import KEEP, Old, prune
from deployer.config_release.publish import publish, require_enough
from deployer.config_release.source import source_of
from deployer.deploying.deployment import Deployment, open_deployment
from deployer.errors import DeployerError
from sql_tree.release.contents import summary

Debug = Annotated[
    bool | None, typer.Option("--debug/--no-debug", help="Ask UploadConfig for the keys it wrote.")
]
Timeout = Annotated[
    int | None, typer.Option("--timeout", min=1, max=900, help="Seconds to wait for UploadConfig.")
]
Keep = Annotated[
    int, typer.Option("--keep", min=1, help="How many releases to keep beside the live one; older ones go.")
]


def check(
    target: Annotated[
        str, typer.Argument(metavar="ENV|DIR", help="An environment, or the folder of a tree without one.")
    ],
    config_dir: ConfigDir = None,
    source: Source = None,
    manifest: Manifest = None,
    limit: Limit = LIMIT,
    sarif: Sarif = None,
    as_json: AsJson = False,
) -> None:
    """Compile the tree and say what the release would be; nothing is sent. Exit code 1 when there is an error."""
    with explained():
        root, environment = tree_to_check(target, config_dir, source)
        release, findings = compiled(root, limit=limit, sarif=sarif, as_json=as_json)
        if environment:
            require_enough(len(release.files), environment)
        if manifest:
            manifest.write_bytes(release.manifest_bytes)
    found = summary(release)
    if as_json:
        print_json({**found, **findings})
    else:
        tables = ", ".join(f"{layer} {count}" for layer, count in found["tables"].items())
        stdout().print(
            f"release {release.release}: {found['files']} files, {found['bytes']} bytes; tables: {tables}"
        )


def push(
    env: EnvironmentName,
    config_dir: ConfigDir = None,
    build_dir: BuildDir = None,
    source: Source = None,
    debug: Debug = None,
    timeout: Timeout = None,
    keep: Keep = KEEP,
    limit: Limit = LIMIT,
    sarif: Sarif = None,
    as_json: AsJson = False,
) -> None:
    """Publish the tree as a release and make it current; an identical release is not sent again. Prunes old ones."""
    with explained():
        environment = environment_of(env, config_dir)
        root = source_of(environment, source)
        release, _ = compiled(root, limit=limit, sarif=sarif, as_json=as_json)
        deployment = open_deployment(environment)
        commit = commit_of(root)
        build = build_dir_of(build_dir)
        route = route_of(deployment, build, debug=debug, timeout=timeout, commit=commit)
        published = publish(release, route, say, now)
    old = _prune(deployment, keep)
    if as_json:
        pruned = [item.release for item in old]
        print_json({**published.__dict__, "root": environment.release_route.root, "pruned": pruned})
        return
    moved = f"current (was {published.previous or 'none'})" if published.switched else "current already"
    stdout().print(f"release {published.release} with {published.files} files is {moved}")


def _prune(deployment: Deployment, keep: int) -> tuple[Old, ...]:
    """Prunes after a push. A failure does not make the push fail: the next one prunes."""
    try:
        old = prune(store_of(deployment), rules_of(deployment, keep), now())
    except (DeployerError, ClientError, BotoCoreError) as error:
        say(
            f"warning: the release is current, but old ones were not pruned: {message(error)}", style="yellow"
        )
        return ()
    for item in old:
        say(f"pruned release {item.release}: {item.why}")
    return old
