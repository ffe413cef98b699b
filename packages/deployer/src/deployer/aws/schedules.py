"""Schedules of EventBridge Scheduler, each in a group of its own: only groups can be tagged.

CreateSchedule and UpdateSchedule refuse a start date in the past, so a date that has passed is not sent; it is kept
in the description and read from there.
"""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from deployer.aws.adapter import code_of, our_tags, removed_tags
from deployer.aws.clients import Clients
from deployer.aws.default_values import SCHEDULE, with_defaults
from deployer.model.names import Names
from deployer.model.permissions import Permission, Scope, anywhere, pass_role
from deployer.model.resources import Document, Schedule

_ABSENT = "ResourceNotFoundException"
_TAKEN = "ConflictException"
_INSTANT = "%Y-%m-%dT%H:%M:%SZ"
_SINCE = re.compile(r"(.*) since (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)", re.DOTALL)


def _schedules(scope: Scope) -> list[str]:
    """All schedules in our groups."""
    return [scope.names.arn("scheduler", f"schedule/{group}/*") for group in scope.names.schedule_groups]


def _groups(scope: Scope) -> list[str]:
    return [scope.names.arn("scheduler", f"schedule-group/{group}") for group in scope.names.schedule_groups]


def _wanted(scope: Scope) -> list[str]:
    """The schedules of the file, and their groups."""
    names = scope.names
    wanted = [names.scheduled(key) for key in scope.environment.schedules]
    return [
        names.arn("scheduler", found)
        for name in wanted
        for group in [names.schedule_group(name)]
        for found in (f"schedule/{group}/{name}", f"schedule-group/{group}")
    ]


PERMISSIONS = (
    Permission("Find", "scheduler:ListSchedules", anywhere),
    Permission(
        "ReadSchedules",
        "scheduler:GetSchedule scheduler:ListTagsForResource",
        lambda scope: [*_schedules(scope), *_groups(scope)],
    ),
    Permission(
        "WriteSchedule",
        "scheduler:CreateSchedule scheduler:CreateScheduleGroup scheduler:TagResource scheduler:UntagResource "
        "scheduler:UpdateSchedule",
        _wanted,
    ),
    pass_role("scheduler"),
    Permission("DeleteOwned", "scheduler:DeleteScheduleGroup", _groups),
    # Deleting a group deletes its schedules, with the permissions of the caller.
    Permission("DeleteSchedules", "scheduler:DeleteSchedule", _schedules),
)


def _now() -> datetime:
    return datetime.now(UTC)


class Schedules:
    """Schedules by name, each in its group."""

    def __init__(self, clients: Clients, names: Names, now: Callable[[], datetime] = _now) -> None:
        self._scheduler = clients.scheduler
        self._names = names
        self._now = now

    def candidates(self, prefix: str) -> Iterable[str]:
        for group in self._names.schedule_groups:
            try:
                for page in self._scheduler.get_paginator("list_schedules").paginate(GroupName=group):
                    yield from (item["Name"] for item in page["Schedules"])
            except ClientError as error:
                if code_of(error) != _ABSENT:
                    raise

    def read(self, name: str) -> Schedule | None:
        group = self._names.schedule_group(name)
        try:
            answer = self._scheduler.get_schedule(GroupName=group, Name=name)
            tags = self._scheduler.list_tags_for_resource(ResourceArn=self._group_arn(group))["Tags"]
        except ClientError as error:
            if code_of(error) == _ABSENT:
                return None
            raise
        return self._from_aws(
            name, with_defaults(SCHEDULE, answer), {tag["Key"]: tag["Value"] for tag in tags}
        )

    def create(self, want: Schedule) -> None:
        try:
            self._scheduler.create_schedule_group(Name=want.group, Tags=_tag_list(want))
        except ClientError as error:
            if code_of(error) != _TAKEN:
                raise
            self._scheduler.tag_resource(ResourceArn=self._group_arn(want.group), Tags=_tag_list(want))
        self._scheduler.create_schedule(**self._to_aws(want))

    def update(self, have: Schedule, want: Schedule) -> None:
        arn = self._group_arn(want.group)
        if self._to_aws(have) != self._to_aws(want):
            self._scheduler.update_schedule(**self._to_aws(want))
        if gone := removed_tags(have.tags, want.tags):
            self._scheduler.untag_resource(ResourceArn=arn, TagKeys=gone)
        if have.tags != want.tags:
            self._scheduler.tag_resource(ResourceArn=arn, Tags=_tag_list(want))

    def delete(self, have: Schedule) -> None:
        """Deletes the group, which deletes its schedules."""
        self._scheduler.delete_schedule_group(Name=have.group)

    def _group_arn(self, group: str) -> str:
        return self._names.arn("scheduler", f"schedule-group/{group}")

    def _to_aws(self, want: Schedule) -> Any:
        """The whole definition, for CreateSchedule and UpdateSchedule alike: an update resets what is left out."""
        window: dict[str, Any] = {"Mode": "OFF"}
        if want.flexible_minutes:
            window = {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": want.flexible_minutes}
        limits = {"EndDate": _parsed(want.ends)} if want.ends else {}
        if want.starts and _parsed(want.starts) > self._now():
            limits["StartDate"] = _parsed(want.starts)
        return {
            "Name": want.name,
            "GroupName": want.group,
            "Description": f"{want.description} since {want.starts}" if want.starts else want.description,
            "ScheduleExpression": want.expression,
            "ScheduleExpressionTimezone": want.timezone,
            "State": "ENABLED" if want.enabled else "DISABLED",
            "FlexibleTimeWindow": window,
            "Target": {
                "Arn": want.target,
                "RoleArn": want.role,
                "Input": want.input.text,
                "DeadLetterConfig": {"Arn": want.dead_letters},
                "RetryPolicy": {
                    "MaximumRetryAttempts": want.retries,
                    "MaximumEventAgeInSeconds": want.event_age_seconds,
                },
            },
            **limits,
        }

    def _from_aws(self, name: str, found: dict[str, Any], tags: dict[str, str]) -> Schedule:
        target, window = found["Target"], found["FlexibleTimeWindow"]
        description, remembered = _remembered(found["Description"])
        return Schedule(
            name=name,
            group=self._names.schedule_group(name),
            expression=found["ScheduleExpression"],
            timezone=found["ScheduleExpressionTimezone"],
            enabled=found["State"] == "ENABLED",
            target=target["Arn"],
            role=target["RoleArn"],
            input=Document(target["Input"]),
            dead_letters=target["DeadLetterConfig"]["Arn"],
            retries=target["RetryPolicy"]["MaximumRetryAttempts"],
            event_age_seconds=target["RetryPolicy"]["MaximumEventAgeInSeconds"],
            flexible_minutes=window["MaximumWindowInMinutes"] if window["Mode"] == "FLEXIBLE" else 0,
            description=description,
            tags=our_tags(tags),
            starts=self._start(found.get("StartDate"), remembered),
            ends=_written(found["EndDate"]) if found.get("EndDate") else "",
        )

    def _start(self, date: datetime | None, remembered: str) -> str:
        """The start date in force; one in the description counts when it has passed, since it could not be sent."""
        if date:
            return _written(date)
        return remembered if remembered and _parsed(remembered) <= self._now() else ""


def _remembered(description: str) -> tuple[str, str]:
    """The description and the start date in it, empty when there is none."""
    found = _SINCE.fullmatch(description)
    return (found.group(1), found.group(2)) if found else (description, "")


def _written(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime(_INSTANT)


def _parsed(text: str) -> datetime:
    return datetime.strptime(text, _INSTANT).replace(tzinfo=UTC)


def _tag_list(want: Schedule) -> list[Any]:
    return [{"Key": key, "Value": value} for key, value in sorted(want.tags.items())]
