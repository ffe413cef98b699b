"""Schedules fire only on request: the emulator never fires them by itself.

`POST /moto-api/scheduler/fire` with `{"Name", "GroupName", "ScheduledTime"}` invokes the target once, as Scheduler
would at that time: with the schedule's role, its Input with the context attributes filled in, and the dead-letter
queue when the invocation fails. Only state machines can be targets.
"""

import json
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from botocore.exceptions import ClientError
from moto.core.exceptions import JsonRESTError
from moto.moto_api._internal import urls
from moto.scheduler.models import scheduler_backends

from local_aws.emulator.account import Account
from local_aws.emulator.patching import PatchError

PATH = "{0}/moto-api/scheduler/fire"
SESSION = "Scheduler"
INSTANT = "%Y-%m-%dT%H:%M:%SZ"

Response = tuple[int, dict[str, str], str]


@dataclass(frozen=True, slots=True)
class Firing:
    """One time at which a schedule fires."""

    schedule: Any
    at: datetime
    execution_id: str

    @property
    def input(self) -> str:
        """The target's Input with its context attributes replaced."""
        text = str(self.schedule.target.get("Input") or "{}")
        for name, value in (
            ("schedule-arn", self.schedule.arn),
            ("scheduled-time", self.at.strftime(INSTANT)),
            ("execution-id", self.execution_id),
            ("attempt-number", "1"),
        ):
            text = text.replace(f"<aws.scheduler.{name}>", value)
        return text

    @property
    def skip_reason(self) -> str | None:
        """Why Scheduler would not invoke the target at this time."""
        schedule, seconds = self.schedule, self.at.timestamp()
        if schedule.state != "ENABLED":
            return f"the schedule is {schedule.state}"
        if schedule.start_date and seconds < float(schedule.start_date):
            return "the schedule starts later"
        if schedule.end_date and seconds > float(schedule.end_date):
            return "the schedule has ended"
        return None


def install(account: Account) -> None:
    """Add the path to those of moto."""
    if PATH in urls.url_paths:
        raise PatchError(f"moto has {PATH} now; drop ours")
    paths: dict[str, Any] = urls.url_paths
    paths[PATH] = responder(account)


def responder(account: Account) -> Callable[[Any, str, Any], Response]:
    """The handler of the path."""

    def respond(request: Any, _url: str, _headers: Any) -> Response:
        wanted = json.loads(request.get_data())
        backend = scheduler_backends[account.account][account.region]
        try:
            schedule = backend.get_schedule(wanted.get("GroupName"), wanted["Name"])
        except JsonRESTError as error:
            return 404, {"Content-Type": "application/json"}, json.dumps({"Error": str(error.message)})
        at = datetime.fromisoformat(wanted["ScheduledTime"]).astimezone(timezone.utc)
        answer = fire(account, Firing(schedule, at, str(uuid.uuid4())))
        return 200, {"Content-Type": "application/json"}, json.dumps(answer)

    return respond


def fire(account: Account, firing: Firing) -> dict[str, Any]:
    """Invoke the target, or return the reason for not invoking it; a failed invocation goes to the dead-letter queue."""
    if firing.skip_reason:
        return {"NotInvoked": firing.skip_reason}
    target = firing.schedule.target
    try:
        states = account.role_client("stepfunctions", target["RoleArn"], SESSION)
        started = states.start_execution(stateMachineArn=target["Arn"], input=firing.input)
    except ClientError as error:
        failure = error.response["Error"]
        send_to_dead_letter_queue(account, firing, failure)
        return {"Error": failure["Code"], "Message": failure["Message"]}
    return {"ExecutionArn": started["executionArn"]}


def send_to_dead_letter_queue(account: Account, firing: Firing, failure: Any) -> None:
    """Send the input of a failed invocation to the dead-letter queue, if there is one."""
    target = firing.schedule.target
    arn = (target.get("DeadLetterConfig") or {}).get("Arn")
    if not arn:
        return
    attributes = {
        "ERROR_CODE": failure["Code"],
        "ERROR_MESSAGE": failure["Message"],
        "EXECUTION_ID": firing.execution_id,
        "IS_PAYLOAD_TRUNCATED": "false",
        "RETRY_ATTEMPTS": "0",
        "SCHEDULED_TIME": firing.at.strftime(INSTANT),
        "SCHEDULE_ARN": firing.schedule.arn,
        "TARGET_ARN": target["Arn"],
    }
    queues = account.role_client("sqs", target["RoleArn"], SESSION)
    with suppress(ClientError):  # what the role may not send is lost, and nobody is told
        queues.send_message(
            QueueUrl=f"{account.endpoint_url}/{arn.split(':')[4]}/{arn.split(':')[5]}",
            MessageBody=firing.input,
            MessageAttributes={
                key: {"DataType": "String", "StringValue": value} for key, value in attributes.items()
            },
        )
