"""What deploy, rollback and destroy share: show, refuse, ask, carry out, tell."""

from dataclasses import dataclass

import typer

from deployer.applying.apply import Run
from deployer.cli.terminal import print_json, say, stderr, stdout
from deployer.deploying.deployment import Prepared
from deployer.deploying.guarded import Deploying, deploying
from deployer.deploying.live import Author, go_live
from deployer.deploying.pruning import prune
from deployer.errors import PlanRefused
from deployer.guard.journal import during
from deployer.guard.lock_session import LockWait
from deployer.views import terminal
from deployer.views.description import describe
from deployer.views.document import document
from deployer.views.phrases import MATCHES
from deployer.views.progress import shown_on


@dataclass(frozen=True)
class ApplyOptions:
    """How a plan is carried out: what it is called, without asking or not, and how many releases are kept."""

    how: str
    yes: bool
    lock_timeout: int = 0
    keep: int | None = None


def show(prepared: Prepared, as_json: bool, nothing: str = MATCHES) -> None:
    """The plan on standard output; `nothing` is said of one without changes."""
    description = describe(prepared)
    if as_json:
        print_json(document(description))
        return
    console = stdout()
    for line in terminal.lines(description, nothing):
        console.print(line)


def carry_out(prepared: Prepared, options: ApplyOptions) -> None:
    """Asks unless told not to, carries out the plan under the deploy lock and says so.

    Raises ApplyError, PlanRefused and LockError.
    """
    prefix = prepared.deployment.names.prefix
    if prepared.plan.changes:
        confirm(prefix, options.yes)
    doing = f"{options.how} of release {prepared.release}" if prepared.release else options.how
    planned = [str(change.key) for change in prepared.plan.changes]
    with deploying(prepared.deployment, doing, LockWait(options.lock_timeout, say)) as guarded:
        guarded.refuse_overtaken(prepared.last)
        with guarded.changing(planned):
            _go_live(prepared, options.how, guarded)
            for name in () if options.keep is None else prune(prepared, options.keep):
                say(f"pruned {name}")


def _go_live(prepared: Prepared, how: str, guarded: Deploying) -> None:
    author = Author(str(guarded.holder), guarded.holder.build_url)
    with shown_on(stderr(), prepared.plan.changes) as listener:
        run = Run(prepared.account.adapters, listener, during, guarded.stop.asked)
        changes = go_live(prepared, how, author, run)
    say(f"applied {len(changes)} changes to {prepared.deployment.names.prefix}", style="bold green")


def confirm(prefix: str, yes: bool) -> None:
    """Asks on a terminal. Raises PlanRefused where there is none, or when the answer is no."""
    if yes:
        return
    if not stderr().is_terminal:
        raise PlanRefused("there is no terminal to ask on; rerun with --yes to apply this plan")
    if not typer.confirm(f"apply this to {prefix}?", err=True):
        raise PlanRefused("not applied: the answer was no")
