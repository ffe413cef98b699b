"""`plan`, `deploy` and `outputs`."""

import json
from pathlib import Path
from typing import Annotated

import typer

from deployer.cli.applying import ApplyOptions, confirm_and_deploy, show
from deployer.cli.errors import PENDING, explained
from deployer.cli.options import (
    AsJson,
    BuildDir,
    ConfigDir,
    EnvironmentName,
    LockTimeout,
    MaxDeletes,
    Yes,
    build_dir_of,
    environment_of,
)
from deployer.cli.required_permissions import (
    Account,
    For,
    NeedsIam,
    refuse_permission_options,
    show_required_permissions,
)
from deployer.cli.terminal import STDOUT, print_json, print_text, say
from deployer.deploying.deploy import is_pending
from deployer.deploying.deployment import Deployment, Prepared, open_deployment
from deployer.deploying.prepare import prepare
from deployer.errors import PlanRefused
from deployer.planning.plan import refuse_excess_deletes
from deployer.views.description import describe
from deployer.views.document import document, dumped
from deployer.views.markdown import markdown
from deployer.views.outputs import outputs
from deployer.views.saved_plan import read_saved, refuse_moved, refuse_other_place

OutputsFile = Annotated[
    Path | None, typer.Option("--outputs", help="Write the outputs as JSON to this file.")
]
Canary = Annotated[
    int | None,
    typer.Option("--canary", min=1, max=99, help="Per cent of new executions that run the new release."),
]
PlanFile = Annotated[
    Path | None, typer.Option("--out", help="Write the plan to this file, for deploy --plan FILE.")
]
SavedFile = Annotated[
    Path | None,
    typer.Option("--plan", help="Apply exactly this saved plan; refused when anything has changed since."),
]
MarkdownFile = Annotated[
    str | None,
    typer.Option("--markdown", help="Write the plan as Markdown for a pull request; - is standard output."),
]
Keep = Annotated[int, typer.Option("--keep", min=1, help="How many releases to keep; older versions go.")]


def plan(
    env: EnvironmentName,
    config_dir: ConfigDir = None,
    build_dir: BuildDir = None,
    canary: Canary = None,
    out: PlanFile = None,
    markdown_file: MarkdownFile = None,
    needs_iam: NeedsIam = False,
    tasks: For = None,
    account: Account = None,
    as_json: AsJson = False,
) -> None:
    """Show what a deploy would change, field by field; exit code 0 no changes, 2 changes (also to undo drift), 1 error."""
    with explained():
        if needs_iam:
            show_required_permissions(
                environment_of(env, config_dir), tasks or (), account, out, as_json=as_json
            )
            return
        refuse_permission_options(tasks, account)
        if as_json and markdown_file == STDOUT:
            raise PlanRefused("--json and --markdown - both want standard output; give --markdown a file")
        prepared = _prepare(_open(env, config_dir), build_dir, canary)
        description = describe(prepared)
        if out:
            _write(out, dumped(document(description)), "plan")
        if markdown_file and markdown_file != STDOUT:
            _write(Path(markdown_file), markdown(description), "Markdown")
    if markdown_file == STDOUT:
        print_text(markdown(description))
    else:
        show(prepared, as_json)
    raise typer.Exit(PENDING if prepared.plan.changes else 0)


def deploy(
    env: EnvironmentName,
    config_dir: ConfigDir = None,
    build_dir: BuildDir = None,
    yes: Yes = False,
    max_deletes: MaxDeletes = 0,
    canary: Canary = None,
    plan_file: SavedFile = None,
    keep: Keep = 10,
    lock_timeout: LockTimeout = 0,
    outputs_file: OutputsFile = None,
    as_json: AsJson = False,
) -> None:
    """Show the plan, ask, and apply it; an unchanged environment is left untouched."""
    with explained():
        if plan_file and canary is not None:
            raise PlanRefused("--canary is part of the plan: give it to plan --out, not beside deploy --plan")
        if plan_file:
            prepared = _prepare_saved(env, config_dir, build_dir, plan_file)
        else:
            prepared = _prepare(_open(env, config_dir), build_dir, canary)
        show(prepared, as_json)
        refuse_excess_deletes(prepared.plan, max_deletes)
        if is_pending(prepared):
            how = "deploy" if prepared.canary is None else f"canary {prepared.canary}"
            confirm_and_deploy(prepared, ApplyOptions(how, yes, lock_timeout, keep))
        if outputs_file:
            _write(outputs_file, _outputs(prepared.deployment), "outputs")


def show_outputs(env: EnvironmentName, config_dir: ConfigDir = None) -> None:
    """Print names and ARNs of an environment as JSON."""
    with explained():
        deployment = open_deployment(environment_of(env, config_dir))
        print_json(outputs(deployment.environment, deployment.names))


def target(env: EnvironmentName, config_dir: ConfigDir = None) -> None:
    """Print the Lambda runtime and Glue version an environment is built for, as JSON."""
    with explained():
        environment = environment_of(env, config_dir, quiet_notes=True)
        print_json({"runtime": environment.runtime, "glue_version": environment.config.glue.glue_version})


def _open(env: str, config_dir: Path | None) -> Deployment:
    return open_deployment(environment_of(env, config_dir, quiet_notes=True), planning=True)


def _prepare(deployment: Deployment, build_dir: Path | None, canary: int | None) -> Prepared:
    return prepare(deployment, build_dir_of(build_dir), canary)


def _prepare_saved(env: str, config_dir: Path | None, build_dir: Path | None, file: Path) -> Prepared:
    """A new plan. Raises PlanRefused unless it equals the saved one."""
    saved = read_saved(file)
    deployment = _open(env, config_dir)
    refuse_other_place(saved, deployment.environment, deployment.names)
    prepared = _prepare(deployment, build_dir, saved.canary)
    refuse_moved(saved, describe(prepared))
    return prepared


def _outputs(deployment: Deployment) -> str:
    return f"{json.dumps(outputs(deployment.environment, deployment.names), indent=2)}\n"


def _write(file: Path, text: str, what: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    say(f"{what} written to {file}")
