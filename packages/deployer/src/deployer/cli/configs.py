"""`configs`: check, fix, publish and render the SQL tree."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deployer.cli import configs_fix
from deployer.cli.errors import FAILED, explained
from deployer.cli.options import AsJson, BuildDir, ConfigDir, EnvironmentName, build_dir_of, environment_of
from deployer.cli.terminal import print_json, say, stdout
from deployer.config_release.publish import Route, publish, require_enough, roll_back
from deployer.config_release.source import DEFAULT_SOURCE, source_of
from deployer.config_release.store import ReleaseStore
from deployer.deploying.deployment import Deployment, open_deployment
from deployer.environment_file import Environment
from deployer.environment_file.repository import repository_root
from sql_tree.layout import MODEL_FOLDER
from sql_tree.release.contents import Release, summary

if TYPE_CHECKING:
    from sql_tree.compiler.findings import Findings

app = typer.Typer(
    help="Check, fix, publish and render car_configs.", no_args_is_help=True, add_completion=False
)
app.command()(configs_fix.fix)

Source = Annotated[
    Path | None, typer.Option("--source", help="The tree [configUpload.sourceDir, car_configs].")
]
Debug = Annotated[
    bool | None, typer.Option("--debug/--no-debug", help="Ask UploadConfig for the keys it wrote.")
]
Timeout = Annotated[
    int | None, typer.Option("--timeout", min=1, max=900, help="Seconds to wait for UploadConfig.")
]
Limit = Annotated[int, typer.Option("--limit", min=0, help="Lines of the report of findings; 0 for all.")]
Sarif = Annotated[Path | None, typer.Option("--sarif", help="Write the findings as SARIF 2.1.0.")]
_LIMIT = 60


@app.command()
def check(
    env: EnvironmentName,
    config_dir: ConfigDir = None,
    source: Source = None,
    limit: Limit = _LIMIT,
    sarif: Sarif = None,
    as_json: AsJson = False,
) -> None:
    """Compile the tree and say what the release would be; nothing is sent. Exit code 1 when there is an error."""
    with explained():
        environment = environment_of(env, config_dir)
        release, findings = _compiled(environment, source, limit=limit, sarif=sarif, as_json=as_json)
        require_enough(len(release.files), environment)
    found = summary(release)
    if as_json:
        print_json({**found, **findings})
    else:
        tables = ", ".join(f"{layer} {count}" for layer, count in found["tables"].items())
        stdout().print(
            f"release {release.release}: {found['files']} files, {found['bytes']} bytes; tables: {tables}"
        )


@app.command()
def push(
    env: EnvironmentName,
    config_dir: ConfigDir = None,
    build_dir: BuildDir = None,
    source: Source = None,
    debug: Debug = None,
    timeout: Timeout = None,
    limit: Limit = _LIMIT,
    sarif: Sarif = None,
    as_json: AsJson = False,
) -> None:
    """Publish the tree as a release and make it current; an identical release is not sent again."""
    with explained():
        environment = environment_of(env, config_dir)
        release, _ = _compiled(environment, source, limit=limit, sarif=sarif, as_json=as_json)
        route = _route(environment, build_dir_of(build_dir), debug, timeout)
        published = publish(release, route, say)
    if as_json:
        print_json({**published.__dict__, "root": environment.release_route.root})
        return
    moved = f"current (was {published.previous or 'none'})" if published.switched else "current already"
    stdout().print(f"release {published.release} with {published.files} files is {moved}")


@app.command("rollback")
def rollback(
    env: EnvironmentName,
    release: Annotated[str, typer.Argument(metavar="RELEASE", help="A release that was published before.")],
    config_dir: ConfigDir = None,
) -> None:
    """Make a published release current again, after checking it against its manifest; nothing is sent."""
    with explained():
        previous = roll_back(_store(open_deployment(environment_of(env, config_dir))), release)
    stdout().print(f"release {release} is current (was {previous or 'none'})")


@app.command()
def render(
    check_only: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 when a file is stale.")
    ] = False,
    source: Source = None,
) -> None:
    """Render the scripts of the tree from its declarative model."""
    with explained():
        from sql_tree.model.load import load_model
        from sql_tree.rendering.tree import MIGRATIONS, render_tree, stale_files, write_tree

        root = source or repository_root() / DEFAULT_SOURCE
        tree = render_tree(load_model(root / MODEL_FOLDER), repository_root() / MIGRATIONS)
        changed = stale_files(tree, root) if check_only else write_tree(tree, root)
    for line in changed:
        stdout().print(line)
    if not check_only:
        say(f"{len(tree)} files rendered, {len(changed)} changed")
    elif changed:
        say(f"{len(changed)} files are stale; run nox -s render", style="red")
        raise typer.Exit(FAILED)


def _compiled(
    environment: Environment, source: Path | None, *, limit: int, sarif: Path | None, as_json: bool
) -> tuple[Release, dict[str, Any]]:
    """The release and its findings as JSON data; ends the command when a finding is an error."""
    # Only these commands need the SQL parser; the others should not wait for its import.
    from sql_tree.compiler.compile import examine_tree
    from sql_tree.compiler.report import as_data, text

    root = source_of(environment, source)
    compiled = examine_tree(root)
    _write_sarif(sarif, compiled.findings)
    data = as_data(root, compiled.findings)
    report = text(root, compiled.findings, limit)
    if compiled.release is None:
        if as_json:
            print_json(data)
        else:
            say(f"error: {report}", style="red")
        raise typer.Exit(FAILED)
    if compiled.findings.found and not as_json:
        say(report)
    for note in compiled.notes:
        say(f"note: {note}")
    return compiled.release, data


def _write_sarif(path: Path | None, findings: "Findings") -> None:
    from sql_tree.compiler.report import as_sarif

    if path is not None:
        path.write_text(json.dumps(as_sarif(findings), indent=1) + "\n", encoding="utf-8")


def _store(deployment: Deployment) -> ReleaseStore:
    place = deployment.environment.release_route
    return ReleaseStore(deployment.clients.s3, place.output_bucket, place.output_prefix)


def _route(environment: Environment, build: Path, debug: bool | None, timeout: int | None) -> Route:
    deployment = open_deployment(environment)
    upload = environment.config.config_upload
    return Route(
        environment=environment,
        store=_store(deployment),
        functions=deployment.clients.invoker(timeout or upload.timeout_seconds),
        function_name=upload.function_name or deployment.names.function("UploadConfig"),
        debug=upload.debug if debug is None else debug,
        records=build / "configs" / environment.name,
    )
