"""Conditions on tags that a resource has before the call, of every service whose resources the tables know."""

from typing import Any

import pytest

from local_aws.server import LocalAws
from local_aws.testing.functions import RUNTIME, archive
from local_aws.testing.roles import allow, make_role, trusting

from ..support.users import User

OWNED = {"StringEquals": {"aws:ResourceTag/cars:team": "ours"}}
TAG = {"cars:team": "ours"}
LISTED = [{"Key": "cars:team", "Value": "ours"}]
DEFINITION = '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}'


def make(aws: LocalAws, service: str, name: str, tagged: bool) -> tuple[str, dict[str, Any]]:
    """A resource, with the tag or without; the call that deletes it."""
    client = aws.client(service)
    lower = [{"key": "cars:team", "value": "ours"}] if tagged else []
    match service:
        case "lambda":
            role = make_role(aws, f"{name}-role", "lambda")
            client.create_function(
                FunctionName=name, Runtime=RUNTIME, Role=role, Handler="h.handler",
                Code={"ZipFile": archive({"h.py": "def handler(e, c): return 1\n"})}, Tags=TAG if tagged else {},
            )  # fmt: skip
            return "delete_function", {"FunctionName": name}
        case "glue":
            client.create_database(DatabaseInput={"Name": name}, Tags=TAG if tagged else {})
            return "delete_database", {"Name": name}
        case "iam":
            client.create_role(
                RoleName=name, AssumeRolePolicyDocument=trusting("lambda"), Tags=LISTED if tagged else []
            )
            return "delete_role", {"RoleName": name}
        case "logs":
            client.create_log_group(logGroupName=name, tags=TAG if tagged else {"a": "b"})
            return "delete_log_group", {"logGroupName": name}
        case "sqs":
            url = client.create_queue(QueueName=name, tags=TAG if tagged else {})["QueueUrl"]
            return "delete_queue", {"QueueUrl": url}
        case "scheduler":
            client.create_schedule_group(Name=name, Tags=LISTED if tagged else [])
            return "delete_schedule_group", {"Name": name}
        case _:
            role = make_role(aws, f"{name}-role", "states")
            arn = client.create_state_machine(name=name, definition=DEFINITION, roleArn=role, tags=lower)
            return "delete_state_machine", {"stateMachineArn": arn["stateMachineArn"]}


@pytest.mark.parametrize("service", ["lambda", "glue", "iam", "logs", "sqs", "scheduler", "stepfunctions"])
def test_only_what_carries_the_tag_is_deleted(aws: LocalAws, service: str) -> None:
    user = User(aws)
    around = allow(
        "glue:DeleteDatabase scheduler:DeleteSchedule",
        "arn:aws:scheduler:*:*:schedule/*",
        "arn:aws:glue:*:*:catalog",
        "arn:aws:glue:*:*:table/*",
        "arn:aws:glue:*:*:user*",
    )
    user.may(allow("*", Condition=OWNED), around)
    call, theirs = make(aws, service, f"theirs-{service}", tagged=False)
    _, ours = make(aws, service, f"ours-{service}", tagged=True)
    assert "is not authorized to perform" in (user.refusal(service, call, **theirs) or "")
    assert user.refusal(service, call, **ours) is None
    assert "is not authorized to perform" in (user.refusal(service, call, **ours) or ""), "it is gone"
