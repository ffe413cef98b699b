"""Aliases of state machines: they route by weight, and refuse what AWS refuses."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.server import LocalAws
from local_aws.testing.machines import Machine


def code_of(call: Any, **arguments: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return str(caught.value.response["Error"]["Code"])


@pytest.fixture
def machine(aws: LocalAws) -> Machine:
    """A machine with the versions 1 and 2."""
    machine = Machine(aws)
    machine.publish()
    machine.update("second", publish=True)
    return machine


def routes(*pairs: tuple[str, int]) -> list[dict[str, Any]]:
    return [{"stateMachineVersionArn": arn, "weight": weight} for arn, weight in pairs]


def test_alias_runs_what_it_points_at(machine: Machine) -> None:
    one, two = f"{machine.arn}:1", f"{machine.arn}:2"
    alias = machine.alias("live", (one, 100), description="stamp")
    assert alias == f"{machine.arn}:live"
    ended = machine.run(alias)
    assert (ended["output"], ended["stateMachineVersionArn"], ended["stateMachineAliasArn"]) == (
        '"first"',
        one,
        alias,
    )
    machine.api.update_state_machine_alias(
        stateMachineAliasArn=alias, routingConfiguration=routes((one, 0), (two, 100))
    )
    assert {machine.run(alias)["output"] for _ in range(3)} == {'"second"'}
    shown = machine.api.describe_state_machine_alias(stateMachineAliasArn=alias)
    assert (shown["name"], shown["description"]) == ("live", "stamp")
    assert shown["routingConfiguration"] == routes((one, 0), (two, 100))


def test_both_versions_of_an_alias_are_drawn(machine: Machine) -> None:
    one, two = f"{machine.arn}:1", f"{machine.arn}:2"
    alias = machine.alias("live", (one, 50), (two, 50))
    start = machine.api.start_execution
    for _ in range(40):  # that one of them is never drawn happens once in 5e11 runs
        start(stateMachineArn=alias)
    executions = machine.api.list_executions(stateMachineArn=alias)["executions"]
    assert {item["stateMachineVersionArn"] for item in executions} == {one, two}


def test_version_behind_an_alias_cannot_be_deleted(machine: Machine) -> None:
    one, two = f"{machine.arn}:1", f"{machine.arn}:2"
    alias = machine.alias("live", (one, 90), (two, 10))
    delete = machine.api.delete_state_machine_version
    for arn in (one, two):
        assert code_of(delete, stateMachineVersionArn=arn) == "ConflictException"
    machine.api.update_state_machine_alias(
        stateMachineAliasArn=alias, routingConfiguration=routes((two, 100))
    )
    delete(stateMachineVersionArn=one)
    machine.api.delete_state_machine_alias(stateMachineAliasArn=alias)
    delete(stateMachineVersionArn=two)
    assert machine.api.list_state_machine_versions(stateMachineArn=machine.arn)["stateMachineVersions"] == []


def test_aliases_are_listed_newest_first_and_by_version(machine: Machine) -> None:
    one, two = f"{machine.arn}:1", f"{machine.arn}:2"
    blue = machine.alias("blue", (one, 100))
    live = machine.alias("live", (one, 50), (two, 50))

    def listed(arn: str) -> list[str]:
        answer = machine.api.list_state_machine_aliases(stateMachineArn=arn)
        return [item["stateMachineAliasArn"] for item in answer["stateMachineAliases"]]

    assert (listed(machine.arn), listed(one), listed(two)) == ([live, blue], [live, blue], [live])


def test_the_same_alias_once_more_is_fine_another_is_a_conflict(machine: Machine) -> None:
    one, two = f"{machine.arn}:1", f"{machine.arn}:2"
    alias = machine.alias("live", (one, 100))
    assert machine.alias("live", (one, 100)) == alias
    create = machine.api.create_state_machine_alias
    assert code_of(create, name="live", routingConfiguration=routes((two, 100))) == "ConflictException"
    same = routes((one, 100))
    assert code_of(create, name="live", description="x", routingConfiguration=same) == "ConflictException"


def test_alias_is_refused_as_aws_refuses_it(machine: Machine, aws: LocalAws) -> None:
    one, two = f"{machine.arn}:1", f"{machine.arn}:2"
    other = Machine(aws).publish()
    create, update = machine.api.create_state_machine_alias, machine.api.update_state_machine_alias

    def refusal(*pairs: tuple[str, int], name: str = "live") -> str:
        return code_of(create, name=name, routingConfiguration=routes(*pairs))

    assert refusal((one, 99)) == "ValidationException"
    assert refusal((one, 50), (two, 40)) == "ValidationException"
    assert refusal((one, 50), (one, 50)) == "ValidationException"
    assert refusal((one, 50), (other, 50)) == "ValidationException"
    assert refusal((one, 100), name="12") == "ValidationException"
    assert refusal((f"{machine.arn}:9", 100)) == "ResourceNotFound"
    alias = machine.alias("live", (one, 100))
    changed = routes((other, 100))
    refused = code_of(update, stateMachineAliasArn=alias, routingConfiguration=changed)
    assert refused == "ValidationException"
    assert code_of(update, stateMachineAliasArn=alias) == "ValidationException"
    gone = {"stateMachineAliasArn": f"{machine.arn}:gone"}
    for call in (machine.api.describe_state_machine_alias, machine.api.delete_state_machine_alias):
        assert code_of(call, **gone) == "ResourceNotFound"
    start = machine.api.start_execution
    assert code_of(start, stateMachineArn=f"{machine.arn}:gone") == "StateMachineDoesNotExist"
