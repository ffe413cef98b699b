"""`plan`, `deploy` and `outputs`."""

import json
from pathlib import Path
from typing import Annotated

import typer

from deployer import plan_view
from deployer.apply import Outcome
from deployer.cli.errors import PENDING, explained
from deployer.cli.options import AsJson, BuildDir, ConfigDir, EnvironmentName, build_dir_of, environment_of
from deployer.cli.terminal import print_json, say, stderr, stdout
from deployer.deployment import Deployment, Prepared, open_deployment, prepare
from deployer.errors import PlanRefused
from deployer.outputs import outputs
from deployer.plan import refuse_excess_deletes

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Apply without asking.")]
MaxDeletes = Annotated[
    int, typer.Option("--max-deletes", min=0, help="How many owned resources may be deleted.")
]
OutputsFile = Annotated[
    Path | None, typer.Option("--outputs", help="Write the outputs as JSON to this file.")
]


def plan(
    env: EnvironmentName, config_dir: ConfigDir = None, build_dir: BuildDir = None, as_json: AsJson = False
) -> None:
    """Show what a deploy would change, field by field; exit code 0 nothing, 2 changes, 1 error."""
    with explained():
        prepared = _prepare(env, config_dir, build_dir)
    _show(prepared, as_json)
    raise typer.Exit(PENDING if prepared.plan.changes else 0)


def deploy(
    env: EnvironmentName,
    config_dir: ConfigDir = None,
    build_dir: BuildDir = None,
    yes: Yes = False,
    max_deletes: MaxDeletes = 0,
    outputs_file: OutputsFile = None,
    as_json: AsJson = False,
) -> None:
    """Show the plan, ask, and apply it; an unchanged environment is left untouched."""
    with explained():
        prepared = _prepare(env, config_dir, build_dir)
        _show(prepared, as_json)
        refuse_excess_deletes(prepared.plan, max_deletes)
        if prepared.plan.changes:
            _confirm(prepared, yes)
            changes = prepared.apply(_progress)
            say(f"applied {len(changes)} changes to {prepared.deployment.names.prefix}", style="bold green")
        if outputs_file:
            _write_outputs(prepared.deployment, outputs_file)


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


def _prepare(env: str, config_dir: Path | None, build_dir: Path | None) -> Prepared:
    deployment = open_deployment(environment_of(env, config_dir, quiet_notes=True))
    return prepare(deployment, build_dir_of(build_dir))


def _show(prepared: Prepared, as_json: bool) -> None:
    deployment = prepared.deployment
    if as_json:
        print_json(plan_view.as_json(prepared.plan, deployment.environment.name, deployment.names))
        return
    place = deployment.names.place
    console = stdout()
    console.print(f"{deployment.names.prefix} in account {place.account}, {place.region}", style="bold")
    for line in plan_view.lines(prepared.plan):
        console.print(line)


def _confirm(prepared: Prepared, yes: bool) -> None:
    if yes:
        return
    if not stderr().is_terminal:
        raise PlanRefused("there is no terminal to ask on; rerun with --yes to apply this plan")
    if not typer.confirm(f"apply this to {prepared.deployment.names.prefix}?", err=True):
        raise PlanRefused("not applied: the answer was no")


def _progress(outcome: Outcome) -> None:
    sign, colour = plan_view.mark(outcome.change)
    if outcome.error is None:
        say(f"{sign} {outcome.change.key} done", style=colour)
    else:
        say(f"! {outcome.change.key}: {outcome.error}", style="red")


def _write_outputs(deployment: Deployment, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(outputs(deployment.environment, deployment.names), indent=2)
    file.write_text(f"{text}\n", encoding="utf-8")
    say(f"outputs written to {file}")
