"""Checks against what is outside the definition: resources, quotas, accepted findings."""

from pathlib import Path
from typing import Any

import pytest

from stepfunctions_local_test.checks import ChecksError, Resources, check_definition, load_accepted
from tests.checks.small import DONE, FUNCTION, machine, messages, passing, task

JOB = task(Resource="arn:aws:states:::glue:startJobRun.sync", Parameters={"JobName": "Load"})
CHILD_ARN = "arn:aws:states:us-east-1:111122223333:stateMachine:Child"
CHILD = task(
    Resource="arn:aws:states:::states:startExecution.sync:2", Parameters={"StateMachineArn": CHILD_ARN}
)
THERE = Resources.of({"functions": [FUNCTION], "jobs": ["Load"], "machines": [CHILD_ARN]})


def with_parameters(state: dict[str, Any], **parameters: Any) -> dict[str, Any]:
    return machine(Ask=state | {"Parameters": parameters}, Done=DONE)


@pytest.mark.parametrize("state", [task(), JOB, CHILD, task(Resource=FUNCTION, Parameters=None)])
def test_what_will_be_there_may_be_called(state: dict[str, Any]) -> None:
    assert messages(machine(Ask=state, Done=DONE), resources=THERE) == []


@pytest.mark.parametrize("qualifier", [":7", ":live", ":$LATEST"])
def test_a_version_or_alias_stands_for_what_it_qualifies(qualifier: str) -> None:
    assert messages(with_parameters(task(), FunctionName=FUNCTION + qualifier), resources=THERE) == []
    pinned = Resources.of({"functions": [FUNCTION + qualifier]})
    assert messages(with_parameters(task(), FunctionName=FUNCTION), resources=pinned) == []


def test_a_machine_may_be_known_by_its_name() -> None:
    named = Resources.of({"machines": ["Child"]})
    assert messages(machine(Ask=CHILD, Done=DONE), resources=named) == []


@pytest.mark.parametrize(
    ("definition", "message"),
    [
        (
            with_parameters(task(), FunctionName=FUNCTION + "X"),
            f"FunctionName is {FUNCTION}X, but no such function will be there (known ones: {FUNCTION})",
        ),
        (
            with_parameters(task(), FunctionName=FUNCTION.replace("arn:aws:", "arn:aws-us-gov:")),
            "FunctionName is arn:aws-us-gov:lambda:us-east-1:111122223333:function:Load, "
            f"but no such function will be there (there is {FUNCTION})",
        ),
        (
            with_parameters(JOB, JobName="load"),
            "JobName is load, but no such job will be there (known ones: Load)",
        ),
        (
            with_parameters(CHILD, StateMachineArn=CHILD_ARN + "2"),
            f"StateMachineArn is {CHILD_ARN}2, but no such state machine",
        ),
        (
            with_parameters(task(), **{"FunctionName.$": "$.f"}),
            "FunctionName.$ names its function only when it runs",
        ),
    ],
)
def test_a_name_that_will_not_be_there_is_found(definition: dict[str, Any], message: str) -> None:
    [found] = messages(definition, resources=THERE)
    assert found.startswith(f"resources: Ask: Parameters.{message}")


def test_a_service_of_another_partition_is_found() -> None:
    [found] = messages(
        machine(Ask=task(Resource="arn:aws-cn:states:::lambda:invoke"), Done=DONE), resources=THERE
    )
    assert found.startswith(
        "resources: Ask: Resource arn:aws-cn:states:::lambda:invoke is of partition aws-cn, the resources are of aws;"
    )


def test_resources_of_an_unknown_kind_are_refused() -> None:
    with pytest.raises(
        ChecksError, match="resources must hold functions, jobs and machines, got queues as well"
    ):
        Resources.of({"queues": []})


def test_a_name_of_eighty_characters_fits_and_of_eighty_one_does_not() -> None:
    assert messages(machine(**{"A" * 80: passing(), "Done": DONE})) == []
    [found] = messages(machine(**{"A" * 81: passing(), "Done": DONE}))
    assert "its name has 81 characters, Step Functions takes 80" in found


@pytest.mark.parametrize("field", ["Result", "Parameters"])
def test_literals_larger_than_the_state_data_are_found(field: str) -> None:
    assert messages(machine(A=passing() | {field: {"x": "é" * 131_000}}, Done=DONE)) == []
    [found] = messages(machine(A=passing() | {field: {"x": "é" * 131_072}}, Done=DONE))
    assert found.startswith(
        f"limits: A: {field} holds 262152 bytes of literals, a state's data may have 262144"
    )


def test_a_definition_of_more_than_a_mebibyte_is_found() -> None:
    large = machine(**{f"S{n}": passing(f"S{n + 1}", Result="x" * 200_000) for n in range(6)}, S6=DONE)
    assert any(text.startswith("limits: : the definition has 1200") for text in messages(large))


def test_more_than_ten_intrinsics_in_a_field_are_found() -> None:
    def nested(count: int) -> dict[str, Any]:
        text = "States.Format('States.UUID() {}', " * (count - 1) + "States.UUID()" + ")" * (count - 1)
        return machine(A=passing(Parameters={"x.$": text}), Done=DONE)

    assert messages(nested(10)) == []
    assert messages(nested(11)) == [
        "limits: A: Parameters.x.$ has 11 intrinsic functions, Step Functions takes 10 in a field; split it"
    ]


SLOW = machine(Ask=task(TimeoutSeconds=None), Done=DONE)


def accepted(folder: Path, text: str) -> Path:
    path = folder / "_accepted.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_an_accepted_finding_is_silent_and_one_that_accepts_nothing_is_found(tmp_path: Path) -> None:
    entries = load_accepted(
        accepted(tmp_path, "accepted:\n- {check: timeout, state: Ask, because: it is quick}\n")
    )
    assert check_definition("M", SLOW, accepted=entries) == ()
    [stale] = check_definition("M", machine(Ask=task(), Done=DONE), accepted=entries)
    assert (stale.check, stale.state) == ("accepted", "Ask")
    assert "a finding of 'timeout' is accepted here, but there is none" in stale.message


def test_a_finding_of_another_check_or_state_is_not_accepted_along(tmp_path: Path) -> None:
    entries = load_accepted(accepted(tmp_path, "accepted:\n- {check: limits, state: Ask, because: x}\n"))
    assert [found.check for found in check_definition("M", SLOW, accepted=entries)] == ["timeout", "accepted"]


def test_nothing_is_accepted_where_there_is_no_file(tmp_path: Path) -> None:
    assert load_accepted(tmp_path / "_accepted.yaml") == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("accepted: {}", r"_accepted.yaml must hold a list 'accepted', got "),
        ("accepted: [{check: timeout, state: Ask}]", r"accepted\[0\] must have check, state and because"),
        (
            "accepted: [{check: timeuot, state: Ask, because: x}]",
            r"check must be one of schema, .*, got 'timeuot'",
        ),
        ("accepted: [{check: timeout, state: Ask, because: ''}]", r"because is empty; say why"),
        ("accepted: [", r"_accepted.yaml is no YAML: "),
    ],
)
def test_an_entry_that_is_none_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ChecksError, match=message):
        load_accepted(accepted(tmp_path, text))
