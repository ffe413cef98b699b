"""What answers of the deployer mean for the main job."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cars_acceptance.main_job.errors import MainJobError


def summary(plan: Mapping[str, Any]) -> str:
    """`25 create, 0 update, 0 delete` of a plan as the deployer's JSON has it."""
    return ", ".join(f"{count} {action}" for action, count in plan["summary"].items())


def does_not_compile(tree: Path, error: MainJobError) -> MainJobError:
    """The error of a tree with findings; its details are the deployer's report."""
    hint = f"correct what the report names; `nox -s configs -- check {tree} --limit 0` shows all of it, without a run"
    return MainJobError(f"{tree} is not a SQL tree that can be run", details=error.details, hint=hint)


def refuse_changes(plan: Mapping[str, Any]) -> None:
    """Raise MainJobError when the second deploy changed something."""
    if plan["changes"]:
        changes = [f"{change['action']} {change['kind']} {change['name']}" for change in plan["changes"]]
        raise MainJobError(
            f"a second deploy changed {len(changes)} resources",
            details="\n".join(changes),
            hint="an adapter reads a value that differs from what it wrote: packages/deployer/src/deployer/aws",
        )
