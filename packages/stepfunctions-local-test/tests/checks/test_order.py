"""Checks of the graph: ways, time limits, what catches what, swallowed errors."""

from typing import Any

import pytest

from tests.checks.small import DONE, FUNCTION, each, machine, messages, passing, task

FAIL: dict[str, Any] = {"Type": "Fail", "Error": "E"}
LOOP: dict[str, Any] = {"Type": "Wait", "Seconds": 1}


def test_a_state_nothing_leads_to_is_found_also_inside_a_map() -> None:
    inner = machine(A=passing(None), Lost=passing(None))
    assert messages(machine(Each=each(inner), Done=DONE, Alone=DONE)) == [
        "unreachable: Alone: no route leads here from 'Each'; link it or remove it",
        "unreachable: Lost: no route leads here from 'A'; link it or remove it",
    ]


def test_a_level_that_can_never_end_is_found() -> None:
    loop = machine(A=LOOP | {"Next": "B"}, B=LOOP | {"Next": "A"})
    assert messages(machine(Each=each(loop), Done=DONE)) == [
        "endless: A: from here an item of 'Each' can never end (A, B lead only to each other); give it a way to an end"
    ]
    stuck = machine(
        Ask=task(Next="A", Catch=[{"ErrorEquals": ["States.ALL"], "Next": "Lost"}]),
        A=LOOP | {"Next": "A"},
        Lost=FAIL,
    )
    assert [text[:44] for text in messages(stuck)] == ["endless: A: from here the execution can never"[:44]]


@pytest.mark.parametrize(
    ("resource", "message"),
    [
        (
            "arn:aws:states:::glue:startJobRun.sync",
            "timeout: Ask: waits for arn:aws:states:::glue:startJobRun.sync without TimeoutSeconds",
        ),
        ("arn:aws:states:::states:startExecution.sync:2", "timeout: Ask: waits for "),
        ("arn:aws:states:::sqs:sendMessage.waitForTaskToken", "timeout: Ask: waits for "),
        (
            "arn:aws:states:::lambda:invoke",
            "timeout: Ask: calls arn:aws:states:::lambda:invoke without TimeoutSeconds",
        ),
    ],
)
def test_a_task_without_a_time_limit_is_found(resource: str, message: str) -> None:
    assert messages(machine(Ask=task(Resource=resource), Done=DONE)) == []
    [found] = messages(machine(Ask=task(Resource=resource, TimeoutSeconds=None), Done=DONE))
    assert found.startswith(message)


def entries(*errors: list[str], **more: Any) -> list[dict[str, Any]]:
    return [{"ErrorEquals": names, **more} for names in errors]


GOOD_ORDER = (
    ["States.DataLimitExceeded"],
    ["Lambda.X", "Lambda.Y"],
    ["States.TaskFailed"],
    ["States.Timeout"],
    ["States.ALL"],
)


@pytest.mark.parametrize(
    ("errors", "message"),
    [
        (
            (["States.ALL", "Lambda.X"],),
            "[0] has States.ALL beside others (States.ALL, Lambda.X); States.ALL must stand alone",
        ),
        (
            (["States.ALL"], ["States.DataLimitExceeded"]),
            "[0] has States.ALL but is not the last of 2; move it to the end",
        ),
        (
            (["Lambda.X", "Lambda.Y"], ["Lambda.Y"]),
            "[1] (Lambda.Y) can never match, {}[0] takes all its errors",
        ),
        (
            (["Lambda.X"], ["Lambda.Y"], ["Lambda.Y", "Lambda.X"]),
            "[2] (Lambda.Y, Lambda.X) can never match, {0}[0], {0}[1] takes",
        ),
        ((["States.TaskFailed"], ["Lambda.X"]), "[1] (Lambda.X) can never match, {}[0] takes all its errors"),
        ((["States.Runtime"],), "[0] waits for States.Runtime, which always ends the execution; take it out"),
    ],
)
@pytest.mark.parametrize("field", ["Retry", "Catch"])
def test_what_can_never_match_is_found_in_retry_and_catch(
    field: str, errors: tuple[list[str], ...], message: str
) -> None:
    more = {"Next": "Lost"} if field == "Catch" else {}
    caught = {"Catch": entries(["States.ALL"], Next="Lost")}  # so that Lost is reached in any case
    good = machine(Ask=task(**{**caught, field: entries(*GOOD_ORDER, **more)}), Done=DONE, Lost=FAIL)
    assert messages(good) == []
    found = messages(machine(Ask=task(**{**caught, field: entries(*errors, **more)}), Done=DONE, Lost=FAIL))
    assert len(found) == 1
    assert found[0].startswith(f"matching: Ask: {field}{message.format(field)}")


def test_a_catch_that_reaches_a_fail_swallows_nothing() -> None:
    catch = entries(["States.ALL"], Next="Tidy")
    assert messages(machine(Ask=task(Catch=catch), Done=DONE, Tidy=passing("Lost"), Lost=FAIL)) == []


def test_a_catch_from_which_only_success_can_be_reached_is_found() -> None:
    catch = entries(["States.ALL"], Next="Tidy", ResultPath="$.error")
    [found] = messages(machine(Ask=task(Catch=catch), Done=DONE, Tidy=passing()))
    assert found == (
        "swallowed: Ask: catches States.ALL and goes to 'Tidy', from where the execution can only succeed "
        "(the error is left at $.error); lead it to a Fail, or accept it with the state that judges it"
    )


def test_an_item_that_ends_after_a_catch_is_found_even_if_the_machine_can_fail() -> None:
    inner = machine(
        Ask=task(Next=None, End=True, Catch=entries(["E"], ["States.ALL"], Next="Tidy", ResultPath=None)),
        Tidy=passing(None),
    )
    outer = each(inner, Catch=entries(["States.ALL"], Next="Lost"))
    [found] = messages(machine(Each=outer, Done=DONE, Lost=FAIL))
    assert found.startswith(
        "swallowed: Ask: catches E, States.ALL and goes to 'Tidy', from where an item of 'Each' can only succeed "
        "(the error is discarded)"
    )


def test_an_error_that_nobody_looks_at_before_success_is_found() -> None:
    def caught(path: str | None, looked_at: str) -> list[str]:
        rule = {"Variable": looked_at, "IsPresent": True, "Next": "Lost"}
        return messages(
            machine(
                Ask=task(Catch=entries(["States.ALL"], Next="Tidy", ResultPath=path)),
                Done=DONE,
                Tidy=passing("Which", Result=1, ResultPath="$.x"),
                Which={"Type": "Choice", "Choices": [rule], "Default": "Done"},
                Lost=FAIL,
            )
        )

    assert caught("$.error", "$.error") == []
    assert caught("$", "$.Error") == []
    assert len(caught("$.error", "$.errors")) == 1
    assert caught("$.error", "$.x") == [
        "swallowed: Ask: catches States.ALL and goes to 'Tidy', from where the execution can succeed and no state reads "
        "the error (the error is left at $.error; route: Tidy -> Which -> Done); read it before the end"
    ]
    [thrown_away] = caught(None, "$.error")
    assert "(the error is discarded; route: Tidy -> Which -> Done)" in thrown_away


def test_a_task_that_gets_all_the_data_looks_at_the_error() -> None:
    def caught(**options: Any) -> list[str]:
        rule = {"Variable": "$.x", "IsPresent": True, "Next": "Lost"}
        return messages(
            machine(
                Ask=task(Catch=entries(["States.ALL"], Next="Tell", ResultPath="$.error")),
                Done=DONE,
                Tell=task(Next="Which", ResultPath="$.told", **options),
                Which={"Type": "Choice", "Choices": [rule], "Default": "Done"},
                Lost=FAIL,
            )
        )

    assert caught(Resource=FUNCTION, Parameters=None) == []
    assert caught(Parameters={"FunctionName": FUNCTION, "Payload.$": "$"}) == []
    assert len(caught()) == 1


def test_a_choice_without_a_default_is_found() -> None:
    rule = {"Variable": "$.a", "IsPresent": True, "Next": "Done"}
    which = {"Type": "Choice", "Choices": [rule]}
    assert messages(machine(Which=which | {"Default": "Lost"}, Done=DONE, Lost=FAIL)) == []
    [found] = messages(machine(Which=which, Done=DONE))
    assert found.startswith("default: Which: has no Default: when no rule holds, ")


def test_a_map_that_tolerates_every_failure_is_found() -> None:
    tolerant = machine(Each=each(machine(A=passing(None)), ToleratedFailurePercentage=100), Done=DONE)
    assert [text[:60] for text in messages(tolerant)] == [
        "swallowed: Each: ToleratedFailurePercentage is 100: every it"
    ]
    tolerant["States"]["Each"]["ToleratedFailurePercentage"] = 99
    assert messages(tolerant) == []
