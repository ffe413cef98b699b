"""`unlock`: removes the lock of a deploy that no longer runs."""

from typing import Annotated

import typer

from deployer.cli.errors import explained
from deployer.cli.options import ConfigDir, EnvironmentName, Yes, environment_of
from deployer.cli.terminal import say, stderr
from deployer.deploying.deployment import open_deployment
from deployer.errors import PlanRefused
from deployer.guard.lock_session import force_unlock

Force = Annotated[bool, typer.Option("--force", help="Remove also a lock whose deploy may still run.")]


def unlock(
    env: EnvironmentName, config_dir: ConfigDir = None, yes: Yes = False, force: Force = False
) -> None:
    """Show who holds the deploy lock, and remove it when that deploy no longer runs."""
    with explained():
        lock = open_deployment(environment_of(env, config_dir)).lock_location().lock
        shown = lock.look()
        if shown is None:
            say(f"{lock.object.url} does not exist: no deploy is running")
            return
        say(f"{lock.object.url}: {shown}")
        _confirm(yes)
        force_unlock(lock, shown, force=force)
        say("removed", style="bold green")


def _confirm(yes: bool) -> None:
    if yes:
        return
    if not stderr().is_terminal:
        raise PlanRefused("there is no terminal to ask on; rerun with --yes to remove this lock")
    if not typer.confirm("remove this lock?", err=True):
        raise PlanRefused("not removed: the answer was no")
