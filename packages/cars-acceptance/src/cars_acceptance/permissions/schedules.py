"""Scenarios of the schedules: they start runs, and send a failed start to the queue."""

from collections.abc import Iterator
from datetime import datetime, timezone
from functools import partial
from typing import Any

from cars_acceptance.permissions.scenario_context import Scenario, ScenarioContext, require
from local_aws.server.client import fire_schedule

DUE = datetime(2026, 6, 1, 10, tzinfo=timezone.utc)
CHANGEABLE = (
    "Name", "GroupName", "ScheduleExpression", "ScheduleExpressionTimezone", "State", "FlexibleTimeWindow", "Target",
)  # fmt: skip


def scenarios(context: ScenarioContext) -> Iterator[Scenario]:
    """No scenario of a pipeline that the environment does not schedule."""
    for pipeline in context.outputs["stateMachines"]:
        if schedule(context, pipeline):
            yield Scenario(f"the schedule starts the {pipeline} pipeline", partial(started, pipeline))
    if schedule(context):
        yield Scenario("a failed start is sent to the queue", queued)


def schedule(context: ScenarioContext, pipeline: str = "edv") -> dict[str, Any]:
    """The schedule of a pipeline, empty when it has none."""
    client, machine = context.client("scheduler"), context.outputs["stateMachines"][pipeline]["arn"]
    for item in client.list_schedules()["Schedules"]:
        if item["Target"]["Arn"].startswith(f"{machine}:"):
            found: dict[str, Any] = client.get_schedule(Name=item["Name"], GroupName=item["GroupName"])
            return found
    return {}


def started(pipeline: str, context: ScenarioContext) -> None:
    answer = _fired(context, pipeline)
    require("ExecutionArn" in answer, f"{answer}")
    context.client("stepfunctions").stop_execution(executionArn=answer["ExecutionArn"])


def queued(context: ScenarioContext) -> None:
    """The schedule's input is not valid JSON, so the start fails."""
    held = schedule(context)
    client, kept = context.client("scheduler"), {key: held[key] for key in CHANGEABLE if key in held}
    sqs, arn = context.client("sqs"), held["Target"]["DeadLetterConfig"]["Arn"]
    url = sqs.get_queue_url(QueueName=arn.rpartition(":")[2])["QueueUrl"]
    _emptied(sqs, url)
    client.update_schedule(**{**kept, "Target": {**held["Target"], "Input": "no JSON"}})
    try:
        answer = _fired(context)
    finally:
        client.update_schedule(**kept)
    require("Error" in answer, f"{answer}")
    require(_emptied(sqs, url), f"the queue is empty after {answer}")


def _emptied(sqs: Any, url: str) -> int:
    """Delete all messages of a queue and return their number (PurgeQueue is allowed once a minute)."""
    count = 0
    while found := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
        count += len(found)
        for message in found:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return count


def _fired(context: ScenarioContext, pipeline: str = "edv") -> dict[str, str]:
    held = schedule(context, pipeline)
    found = fire_schedule(context.record.endpoint_url, held["Name"], DUE, group=held["GroupName"])
    return dict(found)
