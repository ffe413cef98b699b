"""Schedules and their groups, and a schedule that fires when it is told to."""

import json
import uuid
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.errors import LocalAwsError
from local_aws.server import LocalAws
from local_aws.testing.machines import Machine

ROLE = "arn:aws:iam::111122223333:role/schedule"
WHEN = datetime(2027, 3, 1, 6, tzinfo=timezone.utc)


def trust(service: str) -> str:
    principal = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [principal]})


def refusal(call: Any, **arguments: Any) -> tuple[str, int]:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    answer: Any = caught.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


@pytest.fixture(scope="module")
def scheduler(aws: LocalAws) -> Any:
    iam = aws.client("iam")
    for name, service in (("schedule", "scheduler.amazonaws.com"), ("not-schedule", "lambda.amazonaws.com")):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(service))
    policy = {"Effect": "Allow", "Action": ["states:StartExecution", "sqs:SendMessage"], "Resource": "*"}
    iam.put_role_policy(
        RoleName="schedule",
        PolicyName="all",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [policy]}),
    )
    return aws.client("scheduler")


@pytest.fixture
def group(scheduler: Any) -> Iterator[str]:
    name = f"g-{uuid.uuid4().hex[:8]}"
    scheduler.create_schedule_group(Name=name, Tags=[{"Key": "owner", "Value": "us"}])
    yield name
    if refusal_or_none(scheduler, name) is None:
        scheduler.delete_schedule_group(Name=name)


def refusal_or_none(scheduler: Any, group: str) -> str | None:
    try:
        scheduler.get_schedule_group(Name=group)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return None


def wanted(group: str, **changes: Any) -> dict[str, Any]:
    target = {"Arn": "arn:aws:states:us-east-1:111122223333:stateMachine:none", "RoleArn": ROLE}
    return {
        "Name": "daily",
        "GroupName": group,
        "ScheduleExpression": "cron(0 6 * * ? *)",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        **changes,
        "Target": {**target, **changes.get("Target", {})},
    }


def test_schedule_is_shown_with_the_defaults_of_aws(scheduler: Any, group: str) -> None:
    scheduler.create_schedule(**wanted(group, Target={"RetryPolicy": {"MaximumRetryAttempts": 2}}))
    shown = scheduler.get_schedule(Name="daily", GroupName=group)
    assert (shown["State"], shown["ScheduleExpressionTimezone"], shown["ActionAfterCompletion"]) == (
        "ENABLED",
        "UTC",
        "NONE",
    )
    retries = {"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 86400}
    assert shown["Target"]["RetryPolicy"] == retries
    assert "Description" not in shown


def test_update_replaces_everything(scheduler: Any, group: str) -> None:
    options = {"State": "DISABLED", "Description": "d", "ActionAfterCompletion": "DELETE", "StartDate": WHEN}
    scheduler.create_schedule(**wanted(group, ScheduleExpressionTimezone="America/Chicago", **options))
    assert scheduler.get_schedule(Name="daily", GroupName=group)["StartDate"] == WHEN
    scheduler.update_schedule(**wanted(group))
    shown = scheduler.get_schedule(Name="daily", GroupName=group)
    assert not {"Description", "StartDate"} & shown.keys()
    assert (shown["State"], shown["ActionAfterCompletion"], shown["ScheduleExpressionTimezone"]) == (
        "ENABLED",
        "NONE",
        "UTC",
    )


def test_schedule_is_created_once(scheduler: Any, group: str) -> None:
    first = scheduler.create_schedule(**wanted(group), ClientToken="one")
    again = scheduler.create_schedule(**wanted(group), ClientToken="one")
    assert again["ScheduleArn"] == first["ScheduleArn"]
    assert refusal(scheduler.create_schedule, **wanted(group)) == ("ConflictException", 409)
    assert refusal(scheduler.create_schedule_group, Name=group) == ("ConflictException", 409)
    assert scheduler.get_schedule(Name="daily", GroupName=group)["Arn"] == first["ScheduleArn"]


def test_schedule_needs_its_group_and_a_role_that_scheduler_may_assume(scheduler: Any, group: str) -> None:
    create, update = scheduler.create_schedule, scheduler.update_schedule
    assert refusal(create, **wanted("none")) == ("ResourceNotFoundException", 404)
    for role in ("none", "not-schedule"):
        target = {"RoleArn": f"arn:aws:iam::111122223333:role/{role}"}
        assert refusal(create, **wanted(group, Target=target)) == ("ValidationException", 400)
    assert refusal(update, **wanted(group)) == ("ResourceNotFoundException", 404)
    assert refusal(scheduler.delete_schedule, Name="daily", GroupName=group)[1] == 404


def test_deleted_group_takes_schedules_and_tags_along(scheduler: Any, group: str) -> None:
    scheduler.create_schedule(**wanted(group))
    arn = scheduler.get_schedule_group(Name=group)["Arn"]
    scheduler.tag_resource(ResourceArn=arn, Tags=[{"Key": "more", "Value": "1"}])
    scheduler.untag_resource(ResourceArn=arn, TagKeys=["owner"])
    assert scheduler.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "more", "Value": "1"}]
    scheduler.delete_schedule_group(Name=group)
    missing = ("ResourceNotFoundException", 404)
    assert refusal(scheduler.get_schedule, Name="daily", GroupName=group) == missing
    assert refusal(scheduler.delete_schedule_group, Name=group) == missing
    assert refusal(scheduler.list_tags_for_resource, ResourceArn=arn) == missing
    scheduler.create_schedule_group(Name=group)
    assert scheduler.list_tags_for_resource(ResourceArn=arn)["Tags"] == []
    assert refusal(scheduler.delete_schedule_group, Name="default") == ("ValidationException", 400)


def test_fired_schedule_starts_its_target_with_the_scheduled_time(
    aws: LocalAws, scheduler: Any, group: str
) -> None:
    machine = Machine(aws)
    alias = machine.alias("live", (machine.publish(), 100))
    text = json.dumps({"start_date": "<aws.scheduler.scheduled-time>", "by": "<aws.scheduler.schedule-arn>"})
    arn = scheduler.create_schedule(**wanted(group, Target={"Arn": alias, "Input": text}))["ScheduleArn"]
    fired = aws.fire_schedule("daily", WHEN, group=group)
    started = machine.api.describe_execution(executionArn=fired["ExecutionArn"])
    assert started["stateMachineAliasArn"] == alias
    assert json.loads(started["input"]) == {"start_date": "2027-03-01T06:00:00Z", "by": arn}


def test_failed_invocation_goes_to_the_dead_letter_queue(aws: LocalAws, scheduler: Any, group: str) -> None:
    sqs = aws.client("sqs")
    url = sqs.create_queue(QueueName=group)["QueueUrl"]
    dead = {"DeadLetterConfig": {"Arn": f"arn:aws:sqs:us-east-1:111122223333:{group}"}}
    scheduler.create_schedule(**wanted(group, Target={"Input": '{"a": 1}', **dead}))
    fired = aws.fire_schedule("daily", WHEN, group=group)
    assert fired["Error"] == "StateMachineDoesNotExist"
    message = sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"])["Messages"][0]
    found = {key: value["StringValue"] for key, value in message["MessageAttributes"].items()}
    assert (message["Body"], found["ERROR_CODE"]) == ('{"a": 1}', "StateMachineDoesNotExist")
    assert found["SCHEDULED_TIME"] == "2027-03-01T06:00:00Z"


def test_schedule_does_not_fire_when_aws_would_not(aws: LocalAws, scheduler: Any, group: str) -> None:
    scheduler.create_schedule(**wanted(group, State="DISABLED"))
    assert aws.fire_schedule("daily", WHEN, group=group) == {"NotInvoked": "the schedule is DISABLED"}
    scheduler.update_schedule(**wanted(group, StartDate=datetime(2027, 4, 1, tzinfo=timezone.utc)))
    assert aws.fire_schedule("daily", WHEN, group=group) == {"NotInvoked": "the schedule starts later"}
    scheduler.update_schedule(**wanted(group, EndDate=datetime(2027, 2, 1, tzinfo=timezone.utc)))
    assert aws.fire_schedule("daily", WHEN, group=group) == {"NotInvoked": "the schedule has ended"}
    with pytest.raises(LocalAwsError, match=f"schedule {group}/none: .*Schedule none does not exist"):
        aws.fire_schedule("none", WHEN, group=group)
