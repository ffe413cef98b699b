"""Executions of the pipeline whose functions and job answer as their contracts say, unless a test replaces one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import Any

from local_aws.engines import in_process
from local_aws.engines.python_targets import JobRunFailed, Target, Targets
from statemachine import PipelineNames

FUNCTION = "arn:aws:lambda:us-east-1:111122223333:function:FSA-TEST-edv-"
NAMES = PipelineNames(
    build_processing_plan=f"{FUNCTION}build-processing-plan",
    check_results=f"{FUNCTION}check-results",
    finalize_pipeline=f"{FUNCTION}finalize-pipeline",
    handle_failure=f"{FUNCTION}handle-failure",
    glue_job="FSA-TEST-DATAMART-EXEC-DB-SQL",
    data_src_nm="CARS",
    env="test",
)
PLAN, CHECK, FINALIZE, HANDLE = (
    "build-processing-plan",
    "check-results",
    "finalize-pipeline",
    "handle-failure",
)
GLUE = "glue"


@dataclass
class World:
    """The functions by the end of their name, the Glue job, and every call with its simulated time."""

    functions: dict[str, Target]
    job: Target
    calls: list[tuple[str, dict[str, Any], float]] = field(default_factory=list)

    def called(self, name: str) -> list[dict[str, Any]]:
        """The payloads or arguments of the calls of `name`, in order."""
        return [payload for called, payload, _ in self.calls if called == name]

    def delays(self, name: str, **arguments: str) -> list[float]:
        """Simulated seconds between the calls of `name` with these arguments."""
        wanted = {f"--{key}": value for key, value in arguments.items()}.items()
        at = [
            seconds for called, payload, seconds in self.calls if called == name and wanted <= payload.items()
        ]
        return [later - earlier for earlier, later in pairwise(at)]

    def targets(self) -> Targets:
        """What the engine calls."""
        prefix = FUNCTION.rpartition(":")[2]
        functions = {f"{prefix}{name}": partial(self._call, name) for name in self.functions}
        return Targets(functions, {NAMES.glue_job: partial(self._call, GLUE)})

    def _call(self, name: str, payload: dict[str, Any]) -> Any:
        self.calls.append((name, payload, in_process.engine().seconds()))
        return self.job(payload) if name == GLUE else self.functions[name](payload)


@dataclass(frozen=True)
class Execution:
    """How an execution ended, and its events."""

    status: str
    output: Any
    error: str | None
    cause: str | None
    events: Sequence[Mapping[str, Any]]

    def entered(self) -> list[str]:
        """Names of the states, in the order they were entered."""
        details = (event.get("stateEnteredEventDetails") for event in self.events)
        return [detail["name"] for detail in details if detail]

    def data(self) -> Iterator[tuple[str, str]]:
        """(where, JSON text) of every piece of state data in the history."""
        for event in self.events:
            for details in event.values():
                if isinstance(details, Mapping):
                    for key in ("input", "output", "parameters"):
                        if isinstance(details.get(key), str):
                            yield f"{event['type']} {details.get('name', '')} {key}".strip(), details[key]

    def largest(self) -> tuple[int, str]:
        """Bytes and place of the largest state data."""
        return max((len(text.encode()), where) for where, text in self.data())


def run(
    definition: Mapping[str, Any],
    world: World,
    given: Any = None,
    *,
    causes: bool = True,
    limit: float = 120,
) -> Execution:
    """Run an execution to its end; without `causes`, Catch gets errors without Cause."""
    ended = in_process.engine().run(
        definition, world.targets(), given, name="run-1", causes=causes, limit=limit
    )
    return Execution(ended.status, ended.output, ended.error, ended.cause, ended.events)


def plan_of(
    stage: Sequence[str], vault: Sequence[Sequence[str]]
) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """A build-processing-plan that answers with these tables."""
    counts = {"stg": len(stage), "dv": sum(map(len, vault)), "dvGroups": len(vault)}

    def answer(event: dict[str, Any]) -> dict[str, Any]:
        return {
            "stgTables": list(stage),
            "dvGroups": [list(names) for names in vault],
            "counts": counts,
            "data_src_nm": event["data_src_nm"].upper(),
            "run_type": event["run_type"],
            "start_date": event.get("start_date", "2025-06-30"),
            "env": event["env"],
            "release": "0123456789abcdef0123456789abcdef",
            "warnings": ["w" * 500],
        }

    return answer


def check(event: dict[str, Any]) -> dict[str, Any]:
    """check-results in both modes: one failed item is trimmed, a list is counted."""
    if event.get("mode") == "item":
        return _trimmed(event["results"][0], 500 if event["planned"] <= 100 else 150)
    items = [item for result in event["results"] for item in result.get("groupResults", [result])]
    failed = [item for item in items if item["status"] == "FAILED"]
    roots = [item for item in failed if not item["error"]["Cause"].startswith("skipped: ")]
    skipped = [item["table_name"] for item in failed if item not in roots]
    answer: dict[str, Any] = {
        "successCount": len(items) - len(failed),
        "failedCount": len(failed),
        "failedTables": [item["table_name"] for item in failed],
        "skippedTables": skipped,
        "canContinue": len(failed) < len(items),
    }
    if roots:
        answer["rootError"] = {"table_name": roots[0]["table_name"], **roots[0]["error"]}
    return answer


def _trimmed(item: Mapping[str, Any], limit: int) -> dict[str, Any]:
    cause = item["error"].get("Cause", "")
    message = json.loads(cause).get("ErrorMessage", cause) if cause.startswith("{") else cause
    return {
        **item,
        "error": {"Error": item["error"]["Error"], "Cause": message[:limit]},
        "logged": False,
        "log_error": "d" * 100,
    }


def finalize(event: dict[str, Any]) -> dict[str, Any]:
    """finalize-pipeline: FAILED when nothing succeeded or the vault was not reached."""
    checks = (event["stageCheck"], event["edvCheck"])
    failed = sum(found["failedCount"] for found in checks)
    good = sum(found["successCount"] for found in checks)
    status = "SUCCESS" if not failed else "PARTIAL_SUCCESS" if good else "FAILED"
    if event["stageCheck"]["failedCount"] and not event["stageCheck"]["canContinue"]:
        status = "FAILED"
    return {
        "status": status,
        "summary": {
            "stage": {"failedTables": event["stageCheck"]["failedTables"]},
            "edv": {"failedTables": event["edvCheck"]["failedTables"]},
            "totals": {"tables": good + failed, "failed": failed},
        },
    }


def loads(failing: Mapping[str, str]) -> Target:
    """A Glue job whose run fails for these tables, each with its message."""

    def job(arguments: dict[str, Any]) -> None:
        if message := failing.get(arguments["--table_name"]):
            raise JobRunFailed(message)

    return job


def missing_relation(*tables: str) -> dict[str, str]:
    """The same message for each of these tables."""
    return dict.fromkeys(tables, "relation does not exist")


def world(
    stage: Sequence[str] = ("S1", "S2"),
    vault: Sequence[Sequence[str]] = (("A_H", "B_H"), ("A_HS",)),
    *,
    failing: Mapping[str, str] | None = None,
    functions: Mapping[str, Target] | None = None,
) -> World:
    """A world with a plan of these tables, of which the `failing` ones fail; `functions` replaces functions."""
    usual: dict[str, Target] = {
        PLAN: plan_of(stage, vault),
        CHECK: check,
        FINALIZE: finalize,
        HANDLE: lambda event: {"handled": True},
    }
    return World(usual | dict(functions or {}), loads(failing or {}))
