"""Versions of state machines: published once per revision, run as they were, never the same number again."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.server import LocalAws
from local_aws.testing.functions import Functions
from local_aws.testing.machines import ROLE, Machine, passing


def code_of(call: Any, **arguments: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return str(caught.value.response["Error"]["Code"])


@pytest.fixture
def machine(aws: LocalAws) -> Machine:
    return Machine(aws)


def test_version_runs_the_definition_of_its_time(machine: Machine) -> None:
    first = machine.publish(description="stamp")
    machine.update("second")
    ended = machine.run(first)
    assert (ended["output"], ended["stateMachineArn"]) == ('"first"', machine.arn)
    assert (ended["stateMachineVersionArn"], "stateMachineAliasArn" in ended) == (first, False)
    assert ended["executionArn"] == f"{machine.arn.replace('stateMachine', 'execution')}:{ended['name']}"
    plain = machine.run(machine.arn)
    assert (plain["output"], "stateMachineVersionArn" in plain) == ('"second"', False)
    shown = machine.api.describe_state_machine(stateMachineArn=first)
    assert (shown["stateMachineArn"], shown["definition"], shown["description"]) == (
        first,
        passing("first"),
        "stamp",
    )
    run = machine.api.describe_state_machine_for_execution(executionArn=ended["executionArn"])
    assert (run["stateMachineArn"], run["definition"]) == (machine.arn, passing("first"))
    assert "revisionId" not in run


def test_executions_are_listed_by_what_they_were_started_with(machine: Machine) -> None:
    version = machine.publish()
    alias = machine.alias("live", (version, 100))
    by_version, by_alias, plain = (machine.run(arn)["executionArn"] for arn in (version, alias, machine.arn))

    def listed(arn: str) -> set[str]:
        pages = machine.api.get_paginator("list_executions").paginate(
            stateMachineArn=arn, PaginationConfig={"PageSize": 1}
        )
        items = [item for page in pages for item in page["executions"]]
        assert {item["stateMachineArn"] for item in items} == {machine.arn}
        return {item["executionArn"] for item in items}

    assert listed(machine.arn) == {by_version, by_alias, plain}
    assert listed(version) == {by_version, by_alias}
    assert listed(alias) == {by_alias}
    items = machine.api.list_executions(stateMachineArn=alias)["executions"]
    assert (items[0]["stateMachineVersionArn"], items[0]["stateMachineAliasArn"]) == (version, alias)


def test_revision_is_published_once(machine: Machine) -> None:
    api = machine.api
    first = machine.publish()
    assert machine.publish(description="other") == first
    same = machine.update("first", publish=True)
    assert same["stateMachineVersionArn"] == first
    assert "revisionId" not in same
    second = machine.update("second", publish=True, versionDescription="two")
    assert second["stateMachineVersionArn"] == f"{machine.arn}:2"
    assert machine.publish() == f"{machine.arn}:2"
    shown = api.describe_state_machine(stateMachineArn=f"{machine.arn}:2")
    assert (shown["description"], shown["revisionId"]) == ("two", second["revisionId"])
    assert api.describe_state_machine(stateMachineArn=machine.arn)["revisionId"] == second["revisionId"]
    role = api.update_state_machine(stateMachineArn=machine.arn, roleArn=f"{ROLE}2", publish=True)
    assert role["stateMachineVersionArn"] == f"{machine.arn}:3"


def test_publishing_on_condition_of_the_revision(machine: Machine) -> None:
    publish = machine.api.publish_state_machine_version
    assert code_of(publish, stateMachineArn=machine.arn, revisionId="other") == "ConflictException"
    assert machine.publish(revisionId="INITIAL") == f"{machine.arn}:1"
    revision = machine.update("second")["revisionId"]
    assert code_of(publish, stateMachineArn=machine.arn, revisionId="INITIAL") == "ConflictException"
    assert machine.publish(revisionId=revision) == f"{machine.arn}:2"


def test_numbers_are_not_used_again(machine: Machine) -> None:
    arns = [machine.update(result, publish=True)["stateMachineVersionArn"] for result in ("a", "b", "c")]
    for arn in arns[1:]:
        machine.api.delete_state_machine_version(stateMachineVersionArn=arn)
    machine.api.delete_state_machine_version(stateMachineVersionArn=arns[1])
    assert machine.publish() == f"{machine.arn}:4"
    page = machine.api.list_state_machine_versions(stateMachineArn=machine.arn, maxResults=1)
    rest = machine.api.list_state_machine_versions(stateMachineArn=machine.arn, nextToken=page["nextToken"])
    found = [item["stateMachineVersionArn"] for one in (page, rest) for item in one["stateMachineVersions"]]
    assert found == [f"{machine.arn}:4", arns[0]]
    assert "nextToken" not in rest
    start = machine.api.start_execution
    assert code_of(start, stateMachineArn=arns[1]) == "StateMachineDoesNotExist"


def test_version_cannot_be_changed(machine: Machine) -> None:
    version = machine.publish()
    update, delete = machine.api.update_state_machine, machine.api.delete_state_machine
    assert code_of(update, stateMachineArn=version, definition=passing("x")) == "ValidationException"
    assert code_of(delete, stateMachineArn=version) == "ValidationException"
    assert code_of(update, stateMachineArn=machine.arn, publish=True) == "MissingRequiredParameter"
    assert machine.run(version)["output"] == '"first"'


def test_machine_is_created_once_and_another_one_refused(aws: LocalAws) -> None:
    machine = Machine(aws)
    create = machine.api.create_state_machine
    same = {"name": machine.name, "definition": passing("first"), "roleArn": ROLE}
    assert "stateMachineVersionArn" not in create(**same)
    published = create(**same, publish=True, versionDescription="one")
    assert published["stateMachineVersionArn"] == f"{machine.arn}:1"
    assert "stateMachineVersionArn" not in create(**same)
    assert code_of(create, **{**same, "definition": passing("x")}) == "StateMachineAlreadyExists"
    logged = {"level": "ALL", "includeExecutionData": False, "destinations": []}
    assert code_of(create, **same, loggingConfiguration=logged) == "StateMachineAlreadyExists"
    assert code_of(create, **{**same, "type": "EXPRESS"}) == "StateMachineAlreadyExists"


def test_deleted_machine_takes_versions_aliases_and_tags_along(machine: Machine) -> None:
    api = machine.api
    api.tag_resource(resourceArn=machine.arn, tags=[{"key": "old", "value": "1"}])
    version = machine.publish()
    machine.alias("live", (version, 100))
    api.delete_state_machine(stateMachineArn=machine.arn)
    api.create_state_machine(name=machine.name, definition=passing("new"), roleArn=ROLE)
    assert api.list_state_machine_versions(stateMachineArn=machine.arn)["stateMachineVersions"] == []
    assert api.list_state_machine_aliases(stateMachineArn=machine.arn)["stateMachineAliases"] == []
    assert api.list_tags_for_resource(resourceArn=machine.arn)["tags"] == []


def test_states_name_versions_and_aliases_of_functions(machine: Machine, functions: Functions) -> None:
    source = "def handler(event, context):\n    return context.function_version\n"
    name = functions.create(f"f-{machine.name}", source)
    functions.api.publish_version(FunctionName=name)
    functions.api.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    arn = f"arn:aws:lambda:us-east-1:111122223333:function:{name}"
    tasks = [
        {"Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": f"{arn}:1"}},
        {"Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": f"{arn}:live"}},
        {
            "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {"FunctionName": arn, "Qualifier": "live"},
        },
        {"Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": arn}},
    ]
    branches: list[Any] = [
        {"StartAt": "T", "States": {"T": {"Type": "Task", "OutputPath": "$.Payload", "End": True, **task}}}
        for task in tasks
    ]
    direct = {"Type": "Task", "Resource": f"{arn}:live", "End": True}
    branches.append({"StartAt": "T", "States": {"T": direct}})
    parallel = {"Type": "Parallel", "Branches": branches, "End": True}
    definition = json.dumps({"StartAt": "All", "States": {"All": parallel}})
    machine.api.update_state_machine(stateMachineArn=machine.arn, definition=definition)
    assert json.loads(machine.run(machine.arn)["output"]) == ["1", "1", "1", "$LATEST", "1"]


def test_child_execution_runs_the_version_behind_an_alias(machine: Machine, aws: LocalAws) -> None:
    child = Machine(aws)
    alias = child.alias("live", (child.publish(), 100))
    child.update("second")
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync:2",
        "Parameters": {"StateMachineArn": alias, "Input": {}},
        "OutputPath": "$.Output",
        "End": True,
    }
    definition = json.dumps({"StartAt": "Child", "States": {"Child": task}})
    machine.api.update_state_machine(stateMachineArn=machine.arn, definition=definition)
    ended = machine.run(machine.arn)
    assert (ended["status"], ended["output"]) == ("SUCCEEDED", '"first"')
