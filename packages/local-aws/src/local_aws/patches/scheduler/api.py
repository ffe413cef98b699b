"""EventBridge Scheduler with AWS's answers: errors instead of crashes, whole updates, checked roles.

moto 5.2.5 lets a second group replace the first, crashes on groups that are not there, keeps ActionAfterCompletion
and a part of the retry policy over an update, and keeps the tags of deleted groups.
"""

import json
from collections.abc import Callable
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.scheduler.exceptions import ScheduleExists, ScheduleGroupNotFound, ValidationException
from moto.scheduler.models import EventBridgeSchedulerBackend, Schedule
from moto.scheduler.responses import EventBridgeSchedulerResponse

from local_aws.emulator.patching import replace
from local_aws.patches.scheduler.roles import check_role

RETRIES = {"MaximumEventAgeInSeconds": 86400, "MaximumRetryAttempts": 185}
DEFAULT = "default"


class GroupExistsError(JsonRESTError):
    """The name of the schedule group is in use."""

    code = 409

    def __init__(self, name: str) -> None:
        super().__init__("ConflictException", f"Schedule group {name} already exists.")


def install() -> None:
    """Replace creation, update, deletion and display of schedules and groups."""
    replace(ScheduleExists, "code", 409, reason="a conflict is 409")
    target = staticmethod(with_retries)
    replace(Schedule, "validate_target", target, reason="a part of the retry policy has no defaults")
    replace(Schedule, "to_dict", showing(Schedule.to_dict), reason="empty values, no ActionAfterCompletion")
    response, backend = EventBridgeSchedulerResponse, EventBridgeSchedulerBackend
    create = creating(response.create_schedule)
    replace(response, "create_schedule", create, reason="crashes without its group, takes any role")
    update = updating(response.update_schedule)
    replace(response, "update_schedule", update, reason="an update keeps what it does not name")
    group = creating_group(response.create_schedule_group)
    replace(response, "create_schedule_group", group, reason="replaces a group, schedules and all")
    delete = deleting_group(backend.delete_schedule_group)
    replace(backend, "delete_schedule_group", delete, reason="crashes without the group, keeps its tags")
    for name in ("tag_resource", "untag_resource", "list_tags_for_resource"):
        action = checking_group(getattr(backend, name))
        replace(backend, name, action, reason="tags of groups that are not there")


def with_retries(target: dict[str, Any]) -> dict[str, Any]:
    """A target with the whole retry policy."""
    return {**target, "RetryPolicy": {**RETRIES, **target.get("RetryPolicy", {})}}


def showing(to_dict: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """A schedule without empty settings, and with its ActionAfterCompletion."""

    def show(self: Any, short: bool = False) -> dict[str, Any]:
        shown = {key: value for key, value in to_dict(self, short).items() if value is not None}
        return shown if short else {"ActionAfterCompletion": "NONE", **shown}

    return show


def creating(create: Callable[[Any], str]) -> Callable[[Any], str]:
    """CreateSchedule; a repeated request (same ClientToken) succeeds."""

    def create_schedule(self: Any) -> str:
        group = self.scheduler_backend.get_schedule_group(self._get_param("GroupName"))
        name, token = self.uri.split("?")[0].split("/")[-1], self._get_param("ClientToken")
        known = group.schedules.get(name)
        if known is not None and token and token == known.client_token:
            return json.dumps({"ScheduleArn": known.arn})
        check_role(self.current_account, self._get_param("Target")["RoleArn"])
        answer = create(self)
        group.schedules[name].client_token = token
        return answer

    return create_schedule


def updating(update: Callable[[Any], str]) -> Callable[[Any], str]:
    """UpdateSchedule: settings that are not given return to their defaults."""

    def update_schedule(self: Any) -> str:
        name = self.uri.split("?")[0].split("/")[-1]
        schedule = self.scheduler_backend.get_schedule(self._get_param("GroupName"), name)
        check_role(self.current_account, self._get_param("Target")["RoleArn"])
        answer = update(self)
        schedule.state = self._get_param("State") or "ENABLED"
        schedule.action_after_completion = self._get_param("ActionAfterCompletion")
        return answer

    return update_schedule


def creating_group(create: Callable[[Any], str]) -> Callable[[Any], str]:
    """CreateScheduleGroup; a repeated request (same ClientToken) succeeds."""

    def create_schedule_group(self: Any) -> str:
        groups = self.scheduler_backend.schedule_groups
        name, token = self._get_param("Name"), self._get_param("ClientToken")
        if name not in groups:
            answer = create(self)
            groups[name].client_token = token
            return answer
        if token and token == getattr(groups[name], "client_token", None):
            return json.dumps({"ScheduleGroupArn": groups[name].arn})
        raise GroupExistsError(name)

    return create_schedule_group


def deleting_group(delete: Callable[..., None]) -> Callable[..., None]:
    """delete_schedule_group, with its schedules and tags."""

    def delete_schedule_group(self: Any, name: str | None) -> None:
        if name == DEFAULT:
            raise ValidationException("The default schedule group cannot be deleted.")
        group = self.get_schedule_group(name)
        self.tagger.delete_all_tags_for_resource(group.arn)
        delete(self, name)

    return delete_schedule_group


def checking_group(action: Callable[..., Any]) -> Callable[..., Any]:
    """An action on the tags of a group that exists; schedules have no tags."""

    def checked(self: Any, resource_arn: str, *arguments: Any, **named: Any) -> Any:
        if resource_arn not in {group.arn for group in self.schedule_groups.values()}:
            raise ScheduleGroupNotFound(resource_arn.rpartition("/")[2])
        return action(self, resource_arn, *arguments, **named)

    return checked
