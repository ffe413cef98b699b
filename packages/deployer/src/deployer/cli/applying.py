"""What deploy, rollback and destroy share: show, refuse, ask, carry out, tell."""

import getpass
import os
import socket
from dataclasses import dataclass

import typer

from deployer import plan_view
from deployer.apply import Listener, Outcome, Run
from deployer.aws.troubles import Trouble
from deployer.cli.terminal import print_json, say, stderr, stdout
from deployer.deployment import Prepared
from deployer.deployments.live import Author, go_live
from deployer.deployments.pruning import prune
from deployer.errors import PlanRefused
from deployer.plan import Change


@dataclass(frozen=True)
class Going:
    """How a plan is carried out: what it is called, without asking or not, and how many releases are kept."""

    how: str
    yes: bool
    keep: int | None = None


def show(prepared: Prepared, as_json: bool) -> None:
    """The plan on standard output."""
    deployment = prepared.deployment
    if as_json:
        print_json(plan_view.as_json(prepared.plan, deployment.environment.name, deployment.names))
        return
    place = deployment.names.place
    console = stdout()
    console.print(f"{deployment.names.prefix} in account {place.account}, {place.region}", style="bold")
    for line in plan_view.lines(prepared.plan):
        console.print(line)


def carry_out(prepared: Prepared, going: Going) -> None:
    """Asks unless told not to, carries out the plan and says so. Raises ApplyError and PlanRefused."""
    prefix = prepared.deployment.names.prefix
    if prepared.plan.changes:
        confirm(prefix, going.yes)
    changes = go_live(prepared, going.how, author(), Run(prepared.account.adapters, listener()))
    say(f"applied {len(changes)} changes to {prefix}", style="bold green")
    if going.keep is not None:
        for name in prune(prepared, going.keep):
            say(f"pruned {name}")


def confirm(prefix: str, yes: bool) -> None:
    """Asks on a terminal. Raises PlanRefused where there is none, or when the answer is no."""
    if yes:
        return
    if not stderr().is_terminal:
        raise PlanRefused("there is no terminal to ask on; rerun with --yes to apply this plan")
    if not typer.confirm(f"apply this to {prefix}?", err=True):
        raise PlanRefused("not applied: the answer was no")


def author() -> Author:
    """The person or build at work."""
    return Author(f"{getpass.getuser()}@{socket.gethostname()}", os.environ.get("BUILD_URL"))


def listener() -> Listener:
    """Progress as lines on standard error."""
    return Listener(waiting=_waiting, finished=_finished)


def _waiting(change: Change, trouble: Trouble, seconds: float) -> None:
    say(f". {change.key}: {trouble.value}, trying again in {seconds:.1f} s", style="yellow")


def _finished(outcome: Outcome) -> None:
    sign, colour = plan_view.mark(outcome.change)
    if outcome.error is None:
        say(f"{sign} {outcome.change.key} done", style=colour)
    else:
        say(f"! {outcome.change.key}: {outcome.error}", style="red")
