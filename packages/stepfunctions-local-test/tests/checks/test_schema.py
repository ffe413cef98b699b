import copy
from typing import Any

import pytest

from tests.checks.small import DONE, each, machine, messages, passing, task

GOOD: dict[str, Any] = {
    "Comment": "every type of state, with every kind of field",
    "TimeoutSeconds": 3600,
    **machine(
        Ask=task(
            ResultSelector={"a.$": "$.Payload.a", "b": {"c.$": "States.Format('{}', $.Payload.b)"}},
            ResultPath="$.asked",
            Retry=[
                {
                    "ErrorEquals": ["Lambda.ServiceException"],
                    "IntervalSeconds": 1,
                    "MaxAttempts": 0,
                    "BackoffRate": 1.5,
                    "MaxDelaySeconds": 9,
                    "JitterStrategy": "FULL",
                }
            ],
            Catch=[{"ErrorEquals": ["States.ALL"], "ResultPath": None, "Next": "Lost"}],
            Next="Which",
        ),
        Which={
            "Type": "Choice",
            "Choices": [
                {"Variable": "$.a", "StringMatches": "x*", "Next": "Rest"},
                {"Not": {"Variable": "$.a", "NumericLessThanPath": "$.b"}, "Next": "Rest"},
                {
                    "And": [
                        {"Variable": "$.a", "IsPresent": True},
                        {"Or": [{"Variable": "$.a", "IsNull": False}]},
                    ],
                    "Next": "Both",
                },
                {"Variable": "$.t", "TimestampGreaterThan": "2026-06-01T00:00:00Z", "Next": "Many"},
            ],
            "Default": "Lost",
        },
        Rest={"Type": "Wait", "SecondsPath": "$.seconds", "Next": "Both"},
        Both={
            "Type": "Parallel",
            "Branches": [machine(One=passing(None))],
            "ResultSelector": {"x.$": "$[0]"},
            "Next": "Many",
        },
        Many=each(
            machine(Two=passing(None, Result=1)),
            ItemsPath="$.x",
            MaxConcurrency=0,
            ItemSelector={"i.$": "$$.Map.Item.Index"},
        ),
        Done=DONE,
        Lost={"Type": "Fail", "ErrorPath": "States.Format('X.{}', $.e)", "Cause": "why"},
    ),
}


def changed(**fields: Any) -> dict[str, Any]:
    """GOOD with fields of states replaced: Ask={"Next": ...}; `...` takes a field away."""
    wrong = copy.deepcopy(GOOD)
    for state, values in fields.items():
        for field, value in values.items():
            wrong["States"][state].pop(field, None)
            if value is not ...:
                wrong["States"][state][field] = value
    return wrong


def test_a_machine_with_every_type_of_state_is_right() -> None:
    assert messages(GOOD) == []


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (changed(Ask={"Resource": ...}), "schema: Ask: needs Resource"),
        (
            changed(Ask={"TimeoutSeconds": "60"}),
            'schema: Ask: TimeoutSeconds must be a whole number, got "60"',
        ),
        (changed(Ask={"TimeoutSeconds": 0}), "schema: Ask: TimeoutSeconds must be at least 1, got 0"),
        (
            changed(Ask={"Timeout": 60}),
            "schema: Ask: has the unknown field Timeout; take it out or correct its name",
        ),
        (
            changed(Ask={"Assign": {}}),
            "schema: Ask: has the field Assign, which is JSONata's or for variables: Step Functions Local has neither, "
            "write it with JSONPath",
        ),
        (
            changed(Ask={"ResultPath": "asked"}),
            "schema: Ask: ResultPath must be a reference path ('$', names and indexes) or null, got \"asked\"",
        ),
        (
            changed(Ask={"Parameters": {"x.$": "asked"}}),
            "schema: Ask: Parameters.x.$ must be a JSONPath or an intrinsic function",
        ),
        (
            changed(Ask={"Parameters": {"x.$": "States.Fromat('a')"}}),
            "schema: Ask: Parameters.x.$ must be a JSONPath or an intrinsic function",
        ),
        (
            changed(Ask={"Retry": [{"ErrorEquals": []}]}),
            "schema: Ask: Retry[0].ErrorEquals must be at least 1 entries, got []",
        ),
        (
            changed(Ask={"Retry": [{"ErrorEquals": ["E"], "MaxAttempts": -1}]}),
            "schema: Ask: Retry[0].MaxAttempts must be at least 0, got -1",
        ),
        (
            changed(Ask={"Retry": [{"ErrorEquals": ["E"], "BackoffRate": 0.5}]}),
            "schema: Ask: Retry[0].BackoffRate must be at least 1, got 0.5",
        ),
        (changed(Ask={"Catch": [{"ErrorEquals": ["E"]}]}), "schema: Ask: Catch[0] needs Next"),
        (changed(Ask={"End": True}), "schema: Ask: needs exactly one of Next and End, got "),
        (changed(Many={"Next": ...}), "schema: Many: needs exactly one of Next and End, got "),
        (
            changed(Many={"ItemProcessor": ...}),
            "schema: Many: needs an ItemProcessor (or the older Iterator, not both), got ",
        ),
        (
            changed(Many={"ItemProcessor": machine(Two={"Type": "Pass", "End": True, "Results": 1})}),
            "schema: Two: has the unknown field Results; take it out or correct its name",
        ),
        (
            changed(Both={"Branches": [machine(One={"Type": "Pas"})]}),
            "schema: One: Type must be one of Task, Pass, Choice, ",
        ),
        (changed(Which={"Choices": []}), "schema: Which: Choices must be at least 1 entries, got []"),
        (
            changed(Which={"Choices": [{"Variable": "$.a", "Next": "Rest"}]}),
            "schema: Which: Choices[0] must test with exactly one of And, Or, Not and ",
        ),
        (
            changed(
                Which={"Choices": [{"Variable": "$.a", "IsNull": True, "IsPresent": True, "Next": "Rest"}]}
            ),
            "schema: Which: Choices[0] must test with exactly one of And, Or, Not and the comparison operators, got ",
        ),
        (
            changed(Which={"Choices": [{"IsNull": True, "Next": "Rest"}]}),
            "schema: Which: Choices[0] needs Variable",
        ),
        (
            changed(Which={"Choices": [{"Variable": "$.a", "IsNull": True}]}),
            "schema: Which: Choices[0] needs Next",
        ),
        (
            changed(
                Which={
                    "Choices": [{"Not": {"Variable": "$.a", "IsNull": True, "Next": "Rest"}, "Next": "Rest"}]
                }
            ),
            "schema: Which: Choices[0].Not.Next belongs to the outermost rule only",
        ),
        (
            changed(Which={"Choices": [{"Variable": "$.a", "NumericEquals": "1", "Next": "Rest"}]}),
            'schema: Which: Choices[0].NumericEquals must be a number, got "1"',
        ),
        (
            changed(Rest={"Seconds": 1}),
            "schema: Rest: needs exactly one of Seconds, SecondsPath, Timestamp and TimestampPath, got ",
        ),
        (changed(Lost={"Error": "E"}), "schema: Lost: has both Error and ErrorPath; keep one, got "),
        (changed(Lost={"InputPath": "$.a"}), "schema: Lost: has the unknown field InputPath"),
        (GOOD | {"QueryLanguage": "JSONata"}, "schema: : has the field QueryLanguage, which is JSONata's"),
        ({"States": GOOD["States"]}, "schema: : needs StartAt"),
        ([], "schema: : must be an object, got []"),
    ],
)
def test_a_wrong_field_is_named_with_its_state_and_value(wrong: Any, message: str) -> None:
    found = messages(wrong)
    assert len(found) == 1, found
    assert found[0].startswith(message)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (GOOD | {"StartAt": "Aks"}, "links: : StartAt is 'Aks', which is none of: Ask, Which, "),
        (
            changed(Ask={"Next": "Whihc"}),
            "links: Ask: its way on (next) leads to 'Whihc', which is none of: Ask, ",
        ),
        (
            changed(Ask={"Catch": [{"ErrorEquals": ["E"], "Next": "Two"}]}),
            "links: Ask: its way on (catch) leads to 'Two', ",
        ),
        (
            changed(Both={"Branches": [machine(Done=passing(None))]}),
            "links: Done: is written twice; names must differ",
        ),
    ],
)
def test_a_link_that_leads_nowhere_on_its_level_is_named(wrong: Any, message: str) -> None:
    assert [text for text in messages(wrong) if text.startswith(message)]
