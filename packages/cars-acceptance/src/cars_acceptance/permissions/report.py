"""The result of the proof: a table on the console and a JSON file."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from cars_acceptance.permissions.mutation_run import MutationRun, described
from stepfunctions_local_test.reporting.printing import print_whole

FILE = "permissions.json"


def as_dict(runs: Sequence[MutationRun], problems: Sequence[str], seconds: float) -> dict[str, Any]:
    """The JSON report; times in seconds."""
    return {
        "result": "failed" if problems else "ok",
        "seconds": round(seconds, 1),
        "statements": sum(run.statements for run in runs),
        "mutants": sum(len(run.mutants) for run in runs),
        "survivors": sum(len(run.survivors) for run in runs),
        "unused": sum(len(run.unused) for run in runs),
        "problems": list(problems),
        "environments": [_environment(run) for run in runs],
    }


def _environment(run: MutationRun) -> dict[str, Any]:
    return {
        "name": run.environment,
        "scenarios": [
            {"name": item.scenario.name, "seconds": round(item.seconds, 3), "uses": len(item.used)}
            for item in run.coverage
        ],
        "unused": [described(permission) for permission in run.unused],
        "mutants": [
            {
                "role": mutant.permission.role,
                "statement": mutant.permission.sid,
                "kind": mutant.permission.kind.value,
                "without": mutant.permission.text,
                "condition": mutant.permission.key,
                "failed": mutant.scenario,
                "how": mutant.failure[:500],
                "seconds": round(mutant.seconds, 3),
            }
            for mutant in run.mutants
        ],
    }


def write(folder: Path, outcome: Mapping[str, Any]) -> Path:
    """Write the JSON report; returns its path."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / FILE
    file.write_text(json.dumps(outcome, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return file


def show(console: Console, runs: Sequence[MutationRun], outcome: Mapping[str, Any]) -> None:
    """A line per role, the problems, the counts."""
    table = Table(title="permissions, removed one by one", title_justify="left")
    for name in ("environment", "role", "statements", "mutants", "unused", "survivors"):
        table.add_column(name, justify="left" if name in {"environment", "role"} else "right")
    for run in runs:
        tested = Counter(mutant.permission.role for mutant in run.mutants)
        unused = Counter(permission.role for permission in run.unused)
        survivors = Counter(permission.role for permission in run.survivors)
        for policy in run.policies:
            numbers = (
                len(policy.statements),
                tested[policy.role],
                unused[policy.role],
                survivors[policy.role],
            )
            table.add_row(run.environment, policy.role_name, *map(str, numbers))
    print_whole(console, table)
    for problem in outcome["problems"]:
        console.print(problem, style="red", markup=False, highlight=False, soft_wrap=True)
    console.print(
        f"statements {outcome['statements']}, mutants {outcome['mutants']}, unused {outcome['unused']}, "
        f"survivors {outcome['survivors']}, {outcome['seconds']:.0f} s",
        highlight=False,
        soft_wrap=True,
    )
