"""What deploy, rollback and destroy share: show, refuse, ask, carry out, tell."""

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
from deployer.guard.deploying import deploying
from deployer.guard.holding import Patience
from deployer.guard.journal import during
from deployer.plan import Change


@dataclass(frozen=True)
class Going:
    """How a plan is carried out: what it is called, without asking or not, and how many releases are kept."""

    how: str
    yes: bool
    lock_timeout: int = 0
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
    """Asks unless told not to, carries out the plan under the deploy lock and says so.

    Raises ApplyError, PlanRefused and LockError.
    """
    prefix = prepared.deployment.names.prefix
    if prepared.plan.changes:
        confirm(prefix, going.yes)
    doing = f"{going.how} of release {prepared.release}" if prepared.release else going.how
    planned = [str(change.key) for change in prepared.plan.changes]
    with deploying(prepared.deployment, doing, Patience(going.lock_timeout, say)) as guarded:
        guarded.refuse_overtaken(prepared.last)
        with guarded.changing(planned):
            author = Author(str(guarded.holder), guarded.holder.build_url)
            changes = go_live(prepared, going.how, author, Run(prepared.account.adapters, listener(), during))
            say(f"applied {len(changes)} changes to {prefix}", style="bold green")
            for name in () if going.keep is None else prune(prepared, going.keep):
                say(f"pruned {name}")


def confirm(prefix: str, yes: bool) -> None:
    """Asks on a terminal. Raises PlanRefused where there is none, or when the answer is no."""
    if yes:
        return
    if not stderr().is_terminal:
        raise PlanRefused("there is no terminal to ask on; rerun with --yes to apply this plan")
    if not typer.confirm(f"apply this to {prefix}?", err=True):
        raise PlanRefused("not applied: the answer was no")


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
