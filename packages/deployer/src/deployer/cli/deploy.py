"""`plan`, `deploy` and `outputs`."""

import json
from pathlib import Path
from typing import Annotated

import typer

from deployer.cli.applying import Going, carry_out, show
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
from deployer.cli.terminal import print_json, say
from deployer.deployment import Deployment, Prepared, open_deployment, prepare
from deployer.deployments.live import is_pending
from deployer.outputs import outputs
from deployer.plan import refuse_excess_deletes

OutputsFile = Annotated[
    Path | None, typer.Option("--outputs", help="Write the outputs as JSON to this file.")
]
Canary = Annotated[
    int | None,
    typer.Option("--canary", min=1, max=99, help="Per cent of new executions that run the new release."),
]
Keep = Annotated[int, typer.Option("--keep", min=1, help="How many releases to keep; older versions go.")]


def plan(
    env: EnvironmentName,
    config_dir: ConfigDir = None,
    build_dir: BuildDir = None,
    canary: Canary = None,
    as_json: AsJson = False,
) -> None:
    """Show what a deploy would change, field by field; exit code 0 nothing, 2 changes, 1 error."""
    with explained():
        prepared = _prepare(env, config_dir, build_dir, canary)
    show(prepared, as_json)
    raise typer.Exit(PENDING if prepared.plan.changes else 0)


def deploy(
    env: EnvironmentName,
    config_dir: ConfigDir = None,
    build_dir: BuildDir = None,
    yes: Yes = False,
    max_deletes: MaxDeletes = 0,
    canary: Canary = None,
    keep: Keep = 10,
    lock_timeout: LockTimeout = 0,
    outputs_file: OutputsFile = None,
    as_json: AsJson = False,
) -> None:
    """Show the plan, ask, and apply it; an unchanged environment is left untouched."""
    with explained():
        prepared = _prepare(env, config_dir, build_dir, canary)
        show(prepared, as_json)
        refuse_excess_deletes(prepared.plan, max_deletes)
        if is_pending(prepared):
            how = "deploy" if canary is None else f"canary {canary}"
            carry_out(prepared, Going(how, yes, lock_timeout, keep))
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


def _prepare(env: str, config_dir: Path | None, build_dir: Path | None, canary: int | None) -> Prepared:
    deployment = open_deployment(environment_of(env, config_dir, quiet_notes=True))
    return prepare(deployment, build_dir_of(build_dir), canary)


def _write_outputs(deployment: Deployment, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(outputs(deployment.environment, deployment.names), indent=2)
    file.write_text(f"{text}\n", encoding="utf-8")
    say(f"outputs written to {file}")
