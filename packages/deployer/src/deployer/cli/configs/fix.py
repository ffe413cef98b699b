"""`configs fix`: shows what can be fixed safely in a SQL tree, and writes it when told to."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deployer.cli.errors import PENDING, explained
from deployer.cli.options import AsJson
from deployer.cli.terminal import print_json, print_text, say, stderr
from deployer.config_release.source import DEFAULT_SOURCE
from deployer.environment_file.repository import repository_root

if TYPE_CHECKING:
    from sql_tree.fixing.plan import FixPlan

Directory = Annotated[Path | None, typer.Argument(metavar="DIR", help="The tree to fix [car_configs].")]
Write = Annotated[bool, typer.Option("--write", "--yes", "-y", help="Write without asking.")]


def fix(directory: Directory = None, write: Write = False, as_json: AsJson = False) -> None:
    """Show what can be fixed safely, as a diff, and write it after asking. Exit code 2 when changes were not written."""
    with explained():
        # Only this command needs the SQL parser; the others should not wait for its import.
        from sql_tree.fixing.plan import plan_fixes
        from sql_tree.fixing.report import as_data, diff_text, summary_line
        from sql_tree.fixing.write import write_fixes

        plan = plan_fixes(directory or repository_root() / DEFAULT_SOURCE)
        if not as_json:
            print_text(diff_text(plan))
            say(summary_line(plan))
        agreed = bool(plan.fixes) and (write or (not as_json and _agreed(plan)))
        written = write_fixes(plan) if agreed else []
    if as_json:
        print_json({**as_data(plan), "written": written})
    if written:
        say(f"{len(written)} files written", style="bold green")
    elif plan.fixes:
        say("nothing written; rerun with --yes to write these changes")
        raise typer.Exit(PENDING)


def _agreed(plan: "FixPlan") -> bool:
    """Asks on a terminal; where there is none the answer is no."""
    if not (sys.stdin.isatty() and stderr().is_terminal):
        return False
    return typer.confirm(f"write these {len(plan.fixes)} changes to {plan.root}?", err=True)
