"""The six calls of the pipeline, answered as CONTRACTS has it: a small world that tests bend where they need to."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from interpreter import Answer, JobFailed, World

from statemachine import EdvNames

FUNCTION = "arn:aws:lambda:us-east-1:111122223333:function:FSA-TEST-edv-"
NAMES = EdvNames(
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
        "canContinue": len(failed) < len(items) or not items,
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
    if not event["stageCheck"]["canContinue"]:
        status = "FAILED"
    return {
        "status": status,
        "summary": {
            "stage": {"failedTables": event["stageCheck"]["failedTables"]},
            "edv": {"failedTables": event["edvCheck"]["failedTables"]},
            "totals": {"tables": good + failed, "failed": failed},
        },
    }


def loads(failing: Mapping[str, str]) -> Answer:
    """A Glue job whose run fails for these tables, each with its message."""

    def job(arguments: dict[str, Any]) -> None:
        if message := failing.get(arguments["--table_name"]):
            raise JobFailed(message)

    return job


def lost(*tables: str) -> dict[str, str]:
    """The same plain message for each of these tables."""
    return dict.fromkeys(tables, "relation does not exist")


def world(
    stage: Sequence[str] = ("S1", "S2"),
    vault: Sequence[Sequence[str]] = (("A_H", "B_H"), ("A_HS",)),
    *,
    failing: Mapping[str, str] | None = None,
    functions: Mapping[str, Answer] | None = None,
) -> World:
    """A world in which these tables are planned and `failing` ones fail; `functions` replaces some answers."""
    usual: dict[str, Answer] = {
        PLAN: plan_of(stage, vault),
        CHECK: check,
        FINALIZE: finalize,
        HANDLE: lambda event: {"handled": True},
    }
    return World(usual | dict(functions or {}), loads(failing or {}))
