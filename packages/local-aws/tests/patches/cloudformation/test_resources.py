"""What a stack makes is what the APIs of IAM and Step Functions look for; called as CloudFormation's emulator does."""

import json
from typing import Any

from moto.iam.models import IAMBackend
from moto.stepfunctions.parser.models import stepfunctions_parser_backends

from local_aws.patches.cloudformation.resources import create_machine, putting

ACCOUNT, REGION, NAME = "111122223333", "us-east-1", "cfn-resources"
POLICY = {"Version": "2012-10-17", "Statement": []}
DEFINITION = json.dumps({"StartAt": "Only", "States": {"Only": {"Type": "Pass", "End": True}}})


def test_state_machine_of_a_stack_is_where_executions_are() -> None:
    group = "arn:aws:logs:us-east-1:111122223333:log-group:x:*"
    properties: dict[str, Any] = {
        "StateMachineName": NAME,
        "RoleArn": "arn:aws:iam::111122223333:role/x",
        "DefinitionString": DEFINITION,
        "Tags": [{"Key": "owner", "Value": "stack"}],
        "LoggingConfiguration": {
            "Level": "ERROR",
            "Destinations": [{"CloudWatchLogsLogGroup": {"LogGroupArn": group}}],
        },
        "TracingConfiguration": {"Enabled": True},
    }
    made = create_machine(object, "Logical", {"Properties": properties}, ACCOUNT, REGION)
    backend = stepfunctions_parser_backends[ACCOUNT][REGION]
    found = backend.describe_state_machine(f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{NAME}")
    backend.delete_state_machine(found.arn)
    assert (found.arn, found.definition, found.type) == (made.physical_resource_id, DEFINITION, "STANDARD")
    assert found.tracingConfiguration == {"enabled": True}
    assert found.loggingConfiguration == {
        "level": "ERROR",
        "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": group}}],
    }


def test_inline_policy_of_a_stack_is_json() -> None:
    role = IAMBackend(REGION, ACCOUNT).create_role(NAME, json.dumps(POLICY), "/", "", "", [], "3600")
    put = putting(type(role).put_policy)
    put(role, "object", POLICY)
    put(role, "text", json.dumps(POLICY))
    assert [json.loads(document) for document in role.policies.values()] == [POLICY, POLICY]
