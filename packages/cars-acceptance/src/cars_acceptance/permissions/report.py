"""The survey's outcome: a table on the console and JSON in a file."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from cars_acceptance.permissions.mutation_run import Survey, described
from stepfunctions_local_test.reporting.printing import print_whole

FILE = "permissions.json"


def as_dict(surveys: Sequence[Survey], problems: Sequence[str], seconds: float) -> dict[str, Any]:
    """Everything, as JSON has it; times in seconds."""
    return {
        "result": "failed" if problems else "ok",
        "seconds": round(seconds, 1),
        "statements": sum(survey.statements for survey in surveys),
        "mutants": sum(len(survey.fates) for survey in surveys),
        "survivors": sum(len(survey.survivors) for survey in surveys),
        "unused": sum(len(survey.unused) for survey in surveys),
        "problems": list(problems),
        "environments": [_environment(survey) for survey in surveys],
    }


def _environment(survey: Survey) -> dict[str, Any]:
    return {
        "name": survey.environment,
        "scenarios": [
            {"name": item.scenario.name, "seconds": round(item.seconds, 3), "uses": len(item.used)}
            for item in survey.walked
        ],
        "unused": [described(part) for part in survey.unused],
        "mutants": [
            {
                "role": fate.part.role,
                "statement": fate.part.sid,
                "kind": fate.part.kind.value,
                "without": fate.part.text,
                "condition": fate.part.key,
                "failed": fate.scenario,
                "how": fate.failure[:500],
                "seconds": round(fate.seconds, 3),
            }
            for fate in survey.fates
        ],
    }


def write(folder: Path, outcome: Mapping[str, Any]) -> Path:
    """Leave the outcome as a file."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / FILE
    file.write_text(json.dumps(outcome, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return file


def show(console: Console, surveys: Sequence[Survey], outcome: Mapping[str, Any]) -> None:
    """A line per role, the problems, the counts."""
    table = Table(title="permissions, taken away one by one", title_justify="left")
    for name in ("environment", "role", "statements", "mutants", "unused", "survivors"):
        table.add_column(name, justify="left" if name in {"environment", "role"} else "right")
    for survey in surveys:
        mutants = Counter(fate.part.role for fate in survey.fates)
        unused = Counter(part.role for part in survey.unused)
        survivors = Counter(part.role for part in survey.survivors)
        for policy in survey.policies:
            numbers = (
                len(policy.statements),
                mutants[policy.role],
                unused[policy.role],
                survivors[policy.role],
            )
            table.add_row(survey.environment, policy.role_name, *map(str, numbers))
    print_whole(console, table)
    for problem in outcome["problems"]:
        console.print(problem, style="red", markup=False, highlight=False, soft_wrap=True)
    console.print(
        f"statements {outcome['statements']}, mutants {outcome['mutants']}, unused {outcome['unused']}, "
        f"survivors {outcome['survivors']}, {outcome['seconds']:.0f} s",
        highlight=False,
        soft_wrap=True,
    )
