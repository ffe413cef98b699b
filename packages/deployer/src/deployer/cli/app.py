"""All commands in one table of contents."""

import typer

from deployer.cli import deploy, drift, invoke, machines, releases, run, unlock
from deployer.cli.configs.app import app as configs

app = typer.Typer(
    name="deployer",
    help="Deploys and runs CARS: environment file -> plan -> apply, config releases, executions.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command("plan")(deploy.plan)
app.command("deploy")(deploy.deploy)
app.command("drift")(drift.drift)
app.command("releases")(releases.releases)
app.command("rollback")(releases.rollback)
app.command("unlock")(unlock.unlock)
app.command("destroy")(releases.destroy)
app.command("outputs")(deploy.show_outputs)
app.command("target")(deploy.target)
app.command("machines")(machines.machines)
app.command("run")(run.run)
app.command("invoke")(invoke.invoke)
app.add_typer(configs, name="configs")
