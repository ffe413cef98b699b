"""The result as JSON; times in seconds, sizes in bytes."""

from collections.abc import Sequence
from typing import Any

from stepfunctions_local_test.coverage import GROUPS, Coverage
from stepfunctions_local_test.result import Compared, Result
from stepfunctions_local_test.running import Outcome


def document(result: Result) -> dict[str, Any]:
    """The content of states.json."""
    problems = list(result.problems())
    return {
        "result": "failed" if problems else "ok",
        "seconds": round(result.seconds, 1),
        "engines": {name: round(seconds, 1) for name, seconds in result.engine_seconds.items()},
        "skipped": [
            {"engine": one.engine, "reason": one.reason, "required": one.required} for one in result.skipped
        ],
        "partial": result.partial,
        "problems": problems,
        "scenarios": [_scenario(one) for one in result.compared],
        "machines": [_machine(one) for one in result.coverages],
        "findings": [str(one) for one in result.findings],
        "suggestions": [
            {"machine": machine, "item": one.item.text, "scenario": one.text()}
            for machine, one in result.suggestions
        ],
    }


def _scenario(one: Compared) -> dict[str, Any]:
    return {
        "machine": one.machine,
        "name": one.scenario.name,
        "description": one.scenario.description,
        "result": "failed" if one.problems else "ok",
        "problems": [text for _, text in one.problems],
        "engines": {outcome.engine: _outcome(outcome) for outcome in one.outcomes},
    }


def _outcome(one: Outcome) -> dict[str, Any]:
    return {
        "status": one.status,
        "error": one.error,
        "realSeconds": round(one.real, 3),
        "simulatedSeconds": None if one.simulated is None else round(one.simulated, 3),
        "events": len(one.replay.events),
        "largestState": {"bytes": one.largest.size, "state": one.largest.state},
        "calls": one.calls,
    }


def _machine(one: Coverage) -> dict[str, Any]:
    groups: Sequence[Any] = [(group, one.of(group)) for group in GROUPS]
    return {
        "name": one.graph.name,
        "percent": round(one.total.percent, 2),
        "groups": {
            group: {"all": counts.all, "covered": counts.covered, "excepted": counts.excepted}
            for group, counts in groups
        },
        "items": [
            {
                "group": item.group,
                "item": item.text,
                "by": list(one.by.get(item, ())),
                "exception": one.exceptions.get(item),
            }
            for item in one.items
        ],
        "missing": [item.text for item in one.missing],
        "problems": list(one.problems),
    }
