"""Coverage from histories of real executions, and deviations of an engine."""

import json

import pytest

from stepfunctions_local_test.coverage import count, items
from stepfunctions_local_test.coverage.covered import covered
from stepfunctions_local_test.history import replay
from stepfunctions_local_test.history.errors import covers, first_for

from ..conftest import Outcomes
from ..machines import GRAPH, history


def covered_by(asked: Outcomes, name: str) -> set[str]:
    found = asked[name].covered
    assert found.disagreements == []
    return {item.text for item in found.items}


def test_every_branch_is_an_item() -> None:
    texts = {item.text for item in items(GRAPH)}
    assert {
        "Ask",
        "Ask -> Much (next)",
        "Ask -> Recovered (catch 1)",
        "Ask retry 1 recovers",
        "Ask retry 1 gives up",
        "Ask retry 1 on Busy",
        "Ask catch 1 on Known",
        "Ask catch 1 on States.DataLimitExceeded",
        "Much rule 2 true",
        "Much rule 2 false",
        "Much -> Recovered (default)",
        "Good -> (end) (end)",
        "Broken -> (end) (end)",
    } <= texts
    assert len(texts) == len(items(GRAPH))


def test_rules_are_true_or_false_only_where_they_were_looked_at(asked: Outcomes) -> None:
    default = covered_by(asked, "default")
    assert {"Much rule 1 false", "Much rule 2 false", "Much -> Recovered (default)"} <= default
    many = covered_by(asked, "items-at-once")
    assert "Much rule 1 true" in many
    assert not {text for text in many if text.startswith("Much rule 2")}
    assert "Much -> Broken (choice 2)" in covered_by(asked, "below-zero")


def test_a_retrier_recovers_or_gives_up(asked: Outcomes) -> None:
    once, ever = covered_by(asked, "busy-once"), covered_by(asked, "busy-for-ever")
    assert {"Ask retry 1 recovers", "Ask retry 1 on Busy"} <= once
    assert "Ask retry 1 gives up" not in once
    assert {"Ask retry 1 gives up", "Ask catch 2 on States.ALL", "Ask -> Broken (catch 2)"} <= ever
    assert "Ask retry 1 recovers" not in ever
    assert "Ask retry 2 recovers" in covered_by(asked, "slow")
    assert "Ask retry 2 gives up" in covered_by(asked, "really-slow")


def test_a_catcher_counts_by_the_name_that_caught(asked: Outcomes) -> None:
    known = covered_by(asked, "known")
    assert {"Ask catch 1 on Known", "Ask -> Recovered (catch 1)"} <= known
    assert "Ask catch 1 on States.DataLimitExceeded" not in known
    assert "Each catch 1 on States.ALL" in covered_by(asked, "item-breaks")
    assert {"Call catch 1 on Known", "Call -> Bad (catch 1)"} <= covered_by(asked, "three-items")


def test_coverage_has_covering_executions_exceptions_and_missing_items(asked: Outcomes) -> None:
    executions = [(outcome.name, outcome.covered) for outcome in asked.values()]
    exception = {"Ask catch 1 on States.DataLimitExceeded": "no answer of the function is that large"}
    coverage = count(GRAPH, executions, exception)
    assert coverage.missing == ()
    assert coverage.complete
    assert coverage.total.percent == 100
    assert {coverage.by[item] for item in coverage.items if item.text == "Ask catch 1 on Known"} == {
        ("known@embedded",)
    }
    some = count(GRAPH, executions[:1], {})
    assert not some.complete
    assert "Broken" in {item.text for item in some.missing}
    assert set(some.edges) < set(coverage.edges)


def test_wrong_exceptions_are_problems(asked: Outcomes) -> None:
    executions = [("known@embedded", asked["known"].covered)]
    found = count(GRAPH, executions, {"Ask catch 1 on Known": "a reason", "Nothing": "a reason"})
    assert found.problems == (
        "X-Asking: the exception 'Ask catch 1 on Known' is covered by known@embedded; remove it",
        "X-Asking: the exception 'Nothing' names no item; states.json lists the items",
    )


def choice_to(target: str) -> list[dict[str, object]]:
    data = json.dumps({"answer": {"value": 5}})
    return history(
        (0, "ExecutionStarted", {}),
        (0, "ChoiceStateEntered", {"name": "Much", "input": data}),
        (2, "ChoiceStateExited", {"name": "Much", "output": data}),
        (3, "SucceedStateEntered", {"name": target, "input": data}),
    )


def test_an_engine_that_chooses_otherwise_is_told() -> None:
    assert covered(replay(GRAPH, choice_to("Recovered"))).disagreements == []
    assert covered(replay(GRAPH, choice_to("Broken"))).disagreements == [
        "Much went to Broken, but its rules lead to Recovered"
    ]


def test_an_engine_that_retries_or_catches_otherwise_is_told() -> None:
    events = history(
        (0, "ExecutionStarted", {}),
        (0, "TaskStateEntered", {"name": "Ask", "input": "{}"}),
        (2, "TaskScheduled", {}),
        (3, "TaskFailed", {"error": "Other"}),
        (4, "TaskScheduled", {}),
        (5, "TaskFailed", {"error": "Busy"}),
        (6, "TaskStateExited", {"name": "Ask", "output": "{}"}),
        (7, "SucceedStateEntered", {"name": "Recovered", "input": "{}"}),
    )
    assert covered(replay(GRAPH, events)).disagreements == [
        "Ask was tried again after Other, which no retrier names",
        "Ask gave up after 0 of 2 retries for Busy",
        "Ask went to Recovered with Busy, which leads to Broken",
    ]


@pytest.mark.parametrize(
    ("name", "error", "covered"),
    [
        ("Busy", "Busy", True),
        ("States.ALL", "Busy", True),
        ("States.ALL", "States.Timeout", True),
        ("States.ALL", "States.DataLimitExceeded", False),
        ("States.ALL", "States.Runtime", False),
        ("States.TaskFailed", "Busy", True),
        ("States.TaskFailed", "States.Timeout", False),
        ("States.Timeout", "States.HeartbeatTimeout", True),
        ("States.DataLimitExceeded", "States.DataLimitExceeded", True),
    ],
)
def test_names_cover_errors_as_aws_says(name: str, error: str, covered: bool) -> None:
    assert covers(name, error) is covered


def test_an_error_s_own_name_counts_before_a_wildcard() -> None:
    rules = [{"ErrorEquals": ["States.TaskFailed", "Busy"]}, {"ErrorEquals": ["States.ALL"]}]
    assert first_for(rules, "Busy") == (0, "Busy")
    assert first_for(rules, "Other") == (0, "States.TaskFailed")
    assert first_for(rules, "States.Timeout") == (1, "States.ALL")
    assert first_for(rules, "States.Runtime") is None
