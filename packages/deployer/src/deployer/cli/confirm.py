"""What deploy, rollback and destroy share: show the plan, ask, apply."""

from collections.abc import Sequence
from dataclasses import dataclass

import typer

from deployer.cli.terminal import print_json, say, stderr, stdout
from deployer.deploying.deploy import DeployOptions, Reporter, deploy
from deployer.deploying.deployment import Prepared
from deployer.errors import PlanRefused
from deployer.guard.lock_session import LockWait
from deployer.planning.plan import Change
from deployer.views import terminal
from deployer.views.description import describe
from deployer.views.document import document
from deployer.views.phrases import MATCHES
from deployer.views.progress import shown_on


@dataclass(frozen=True)
class ApplyOptions:
    """How a plan is applied: its name, without asking or not, seconds to wait for the lock, releases to keep."""

    how: str
    yes: bool
    lock_timeout: int = 0
    keep: int | None = None


def show(prepared: Prepared, as_json: bool, nothing: str = MATCHES) -> None:
    """The plan on standard output; `nothing` is the text for one without changes."""
    description = describe(prepared)
    if as_json:
        print_json(document(description))
        return
    console = stdout()
    for line in terminal.lines(description, nothing):
        console.print(line)


def confirm_and_deploy(prepared: Prepared, options: ApplyOptions) -> None:
    """Asks unless --yes was given, then deploys. Raises ApplyError, PlanRefused and LockError."""
    if prepared.plan.changes:
        confirm(prepared.deployment.names.prefix, options.yes)
    wait = LockWait(options.lock_timeout, say)
    deploy(prepared, DeployOptions(options.how, wait, options.keep, _reporter(prepared)))


def _reporter(prepared: Prepared) -> Reporter:
    def applied(done: Sequence[Change]) -> None:
        say(f"applied {len(done)} changes to {prepared.deployment.names.prefix}", style="bold green")

    def pruned(names: Sequence[str]) -> None:
        for name in names:
            say(f"pruned {name}")

    return Reporter(lambda changes: shown_on(stderr(), changes), applied, pruned)


def confirm(prefix: str, yes: bool) -> None:
    """Asks on a terminal. Raises PlanRefused where there is none, or when the answer is no."""
    if yes:
        return
    if not stderr().is_terminal:
        raise PlanRefused("there is no terminal to ask on; rerun with --yes to apply this plan")
    if not typer.confirm(f"apply this to {prefix}?", err=True):
        raise PlanRefused("not applied: the answer was no")
