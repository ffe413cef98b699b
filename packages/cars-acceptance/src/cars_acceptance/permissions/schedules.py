"""What the schedule does: start a run, and keep a start that failed."""

from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

from cars_acceptance.permissions.scenario_context import Scenario, Stage, require
from local_aws.server.client import fire_schedule

DUE = datetime(2026, 6, 1, 10, tzinfo=timezone.utc)
CHANGEABLE = (
    "Name", "GroupName", "ScheduleExpression", "ScheduleExpressionTimezone", "State", "FlexibleTimeWindow", "Target",
)  # fmt: skip


def scenarios(stage: Stage) -> Iterator[Scenario]:
    """None where nothing is scheduled."""
    if schedule(stage):
        yield Scenario("the schedule starts a run", started)
        yield Scenario("a start that fails goes to the queue", queued)


def schedule(stage: Stage) -> dict[str, Any]:
    """The environment's schedule, empty when it has none."""
    client = stage.client("scheduler")
    for item in client.list_schedules()["Schedules"]:
        if item["Target"]["Arn"].startswith(stage.machine["stateMachineArn"]):
            found: dict[str, Any] = client.get_schedule(Name=item["Name"], GroupName=item["GroupName"])
            return found
    return {}


def started(stage: Stage) -> None:
    answer = _fired(stage)
    require("ExecutionArn" in answer, f"{answer}")
    stage.client("stepfunctions").stop_execution(executionArn=answer["ExecutionArn"])


def queued(stage: Stage) -> None:
    """The schedule's input is none that a state machine takes."""
    held = schedule(stage)
    client, kept = stage.client("scheduler"), {key: held[key] for key in CHANGEABLE if key in held}
    sqs, arn = stage.client("sqs"), held["Target"]["DeadLetterConfig"]["Arn"]
    url = sqs.get_queue_url(QueueName=arn.rpartition(":")[2])["QueueUrl"]
    _emptied(sqs, url)
    client.update_schedule(**{**kept, "Target": {**held["Target"], "Input": "no JSON"}})
    try:
        answer = _fired(stage)
    finally:
        client.update_schedule(**kept)
    require("Error" in answer, f"{answer}")
    require(_emptied(sqs, url), f"the queue is empty after {answer}")


def _emptied(sqs: Any, url: str) -> int:
    """How many messages were in a queue; there are none now (PurgeQueue works once a minute)."""
    count = 0
    while found := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
        count += len(found)
        for message in found:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return count


def _fired(stage: Stage) -> dict[str, str]:
    held = schedule(stage)
    found = fire_schedule(stage.record.endpoint_url, held["Name"], DUE, group=held["GroupName"])
    return dict(found)
