"""Scenario files: their keys, and all problems at once, each with its place and the fix."""

import json
from pathlib import Path
from typing import Any

import pytest

from stepfunctions_local_test.errors import ScenarioProblems, StatesError
from stepfunctions_local_test.graph import Graph
from stepfunctions_local_test.scenarios import Suite, load
from stepfunctions_local_test.scenarios.generators import BadGenerator, expanded
from stepfunctions_local_test.scenarios.mock_config import mock_config
from stepfunctions_local_test.scenarios.paths import BadPath, Step, lines, read
from stepfunctions_local_test.scenarios.variations import definition_of, name_of

from ..machines import GRAPH

GOOD = """
description: The function answers.
input: {day: 2026-06-01, sure: yes}
tasks: {Ask: Five}
expect:
  status: SUCCEEDED
  path: [Ask, Much, Recovered]
"""
ANSWERS = """
responses:
  Five: {"0-3": {Return: {StatusCode: 200, Payload: {value: 5}}}}
  Unused: {"0": {Return: {}}}
"""


def suite(root: Path, files: dict[str, str], graph: Graph = GRAPH) -> Suite:
    folder = root / "Asking"
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    (found,) = load(root, [graph])
    return found


def problems(root: Path, files: dict[str, str]) -> list[str]:
    with pytest.raises(ScenarioProblems) as refused:
        suite(root, files)
    return list(refused.value.problems)


def test_a_scenario_is_read_with_the_types_of_json(tmp_path: Path) -> None:
    answers = ANSWERS.replace("Unused", "Usual") + "usual: {Call: Usual}\n"
    found = suite(tmp_path, {"_answers.yaml": answers, "all-well.yaml": GOOD})
    (scenario,) = found.scenarios
    assert scenario.input == {"day": "2026-06-01", "sure": "yes"}
    assert (scenario.name, scenario.case) == ("all-well", "AllWell")
    assert scenario.answers == {"Call": "Usual", "Ask": "Five"}
    assert scenario.own_tasks == {"Ask"}
    assert scenario.expect.path == (Step("Ask"), Step("Much"), Step("Recovered"))


def test_all_problems_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    bad = """
descripton: misspelled
one_at_a_time: maybe
tasks: {Ask: Fiv, Aks: Five}
takes: {Ask: long}
engines: [embedded]
expect:
  status: DONE
  path: [Ask, Much, Recoverred]
  seconds: [5, 1]
  calls: {Ask: often}
  outptu: {}
"""
    found = problems(tmp_path, {"_answers.yaml": ANSWERS, "bad one.yaml": bad, "good.yaml": GOOD})
    wanted = [
        "Asking/_answers.yaml: responses.Unused is not used by any scenario; use it or remove it",
        "Asking/bad one.yaml: descripton is no key here, is description meant; known are description, input",
        "Asking/bad one.yaml: the file's name is 'bad one' (small letters and digits, words joined by -)",
        "Asking/bad one.yaml: description is None (a sentence or two)",
        "Asking/bad one.yaml: one_at_a_time is 'maybe' (true or false)",
        "Asking/bad one.yaml: tasks.Ask names 'Fiv', but no response in _answers.yaml is called that, is Five meant",
        "Asking/bad one.yaml: tasks.Aks names 'Aks', but no task of X-Asking is called that, is Ask meant",
        "Asking/bad one.yaml: takes.Ask is 'long' (seconds, 0 or more)",
        "Asking/bad one.yaml: because is None (a reason, since engines leaves one out)",
        "Asking/bad one.yaml: expect.status is 'DONE' (one of SUCCEEDED, FAILED, TIMED_OUT, ABORTED)",
        "Asking/bad one.yaml: expect.path names 'Recoverred', but no state of X-Asking is called that, is Recovered meant",
        "Asking/bad one.yaml: expect.seconds is [5, 1] (a number, or [least, most])",
        "Asking/bad one.yaml: expect.calls.Ask is 'often' (how often it is called, retries included)",
        "Asking/bad one.yaml: expect.outptu is no key here, is output meant",
    ]
    for text in wanted:
        assert [one for one in found if one.startswith(text)], (text, found)
    assert len(found) == len(wanted)


@pytest.mark.parametrize(
    ("attempts", "words"),
    [
        ("{}", 'attempts, for example "0": {Return: {...}}'),
        ('{"1": {Return: {}}}', "continues with attempt 1, but the next one is 0"),
        ('{"0-2": {Return: {}}, "2": {Return: {}}}', "continues with attempt 2, but the next one is 3"),
        ("{first: {Return: {}}}", 'the key of an attempt is "0", or "1-2" for several'),
        ('{"0": {Retrun: {}}}', "one Return or one Throw"),
        ('{"0": {Throw: {Error: X}}}', "an Error and a Cause, both text"),
    ],
)
def test_attempts_that_aws_would_not_take_are_refused(tmp_path: Path, attempts: str, words: str) -> None:
    text = GOOD.replace("Five", attempts)
    assert any(words in one for one in problems(tmp_path, {"one.yaml": text}))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (GOOD + "expect: {}\n", "is not YAML: the key 'expect' is written twice in line 8"),
        ("[1", "is not YAML"),
        (GOOD.replace("[Ask, Much, Recovered]", "Ask"), "expect.path: a path is a list of states, got 'Ask'"),
        (
            GOOD.replace("{Ask: Five}", "{Ask: {repeat: x, tims: 2}}"),
            "repeat goes with either times or bytes",
        ),
    ],
)
def test_a_file_that_cannot_be_read_says_where(tmp_path: Path, text: str, words: str) -> None:
    assert any(words in one for one in problems(tmp_path, {"one.yaml": text, "_answers.yaml": "{}"}))


def test_folders_and_machines_must_belong_together(tmp_path: Path) -> None:
    (tmp_path / "Asking").mkdir()
    (tmp_path / "Other").mkdir()
    with pytest.raises(
        ScenarioProblems, match=r"/Other: no machine has this name or ends with it; known are X-Asking"
    ):
        load(tmp_path, [GRAPH])
    with pytest.raises(StatesError, match="there is no folder"):
        load(tmp_path / "absent", [GRAPH])
    (tmp_path / "Other").rmdir()
    without = Graph.of("Y-Unasked", GRAPH.definition)
    assert [one.scenarios for one in load(tmp_path, [GRAPH, without])] == [(), ()]


def test_exceptions_need_a_reason(tmp_path: Path) -> None:
    found = problems(tmp_path, {"_exceptions.yaml": "Broken: no\n"})
    assert found == ["Asking/_exceptions.yaml: Broken is 'no' (a reason, in a sentence)"]


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ({"repeat": "T{n:03}", "times": 2}, ["T001", "T002"]),
        (["A", {"repeat": "T{n}", "times": 2}, "Z"], ["A", "T1", "T2", "Z"]),
        ([[{"repeat": "T{n}", "times": 2}]], [["T1", "T2"]]),
        ({"repeat": {"name": "T{n}"}, "times": 1}, [{"name": "T1"}]),
        ({"text": {"repeat": "ab", "bytes": 5}}, {"text": "ababa"}),
        ({"json": {"b": [1, None]}}, '{"b":[1,null]}'),
        ({"json": {"text": {"repeat": "x", "bytes": 2}}}, '{"text":"xx"}'),
        ({"repeat": "x", "bytes": 0}, ""),
    ],
)
def test_generators_make_what_nobody_wants_to_write(given: Any, made: Any) -> None:
    assert expanded(given) == made


@pytest.mark.parametrize(
    "given", [{"repeat": "é", "bytes": 3}, {"repeat": "x", "times": -1}, {"repeat": "x"}]
)
def test_a_generator_that_cannot_be_is_refused(given: Any) -> None:
    with pytest.raises(BadGenerator):
        expanded(given)


def test_paths_are_written_as_they_are_read() -> None:
    written = ["A", "B x 2", {"Map": ["C, D x 3", ["E", {"Inner": ["F"]}]]}, {"Empty": []}]
    path = read(written)
    assert lines(path) == [
        "- A",
        "- B x 2",
        "- Map:",
        "    - C, D x 3",
        "    - - E",
        "      - Inner:",
        "          - F",
        "- Empty",
    ]
    with pytest.raises(BadPath, match="Map has the list of its items behind it, got 'C'"):
        read([{"Map": "C"}])


def test_the_mock_configuration_is_the_documented_one(tmp_path: Path) -> None:
    own = (
        GOOD.replace("Five", '{"0": {Throw: {Error: E, Cause: c}}}')
        + "takes: {Ask: 3}\none_at_a_time: true\n"
    )
    answers = "responses: {Five: {'0': {Return: {StatusCode: 200}}}}\n"
    found = suite(tmp_path, {"_answers.yaml": answers, "all-well.yaml": GOOD, "bad-day.yaml": own})
    documented = {
        "StateMachines": {
            "X-Asking": {"TestCases": {"AllWell": {"Ask": "Five"}}},
            "X-Asking-one-at-a-time": {"TestCases": {"BadDay": {"Ask": "bad-day.Ask"}}},
        },
        "MockedResponses": {
            "Five": {"0": {"Return": {"StatusCode": 200}}},
            "bad-day.Ask": {"0": {"Throw": {"Error": "E", "Cause": "c"}}},
        },
    }
    assert mock_config([found]) == documented
    own_tasks = mock_config([found], seconds=True)["StateMachines"]["X-Asking-one-at-a-time"]
    assert own_tasks["Seconds"] == {"BadDay": {"Ask": 3}}


def test_responses_of_two_machines_under_one_name_stay_apart(tmp_path: Path) -> None:
    first = suite(tmp_path, {"_answers.yaml": ANSWERS.split("  Unused")[0], "all-well.yaml": GOOD})
    other = Suite(Graph.of("Y", GRAPH.definition), first.scenarios, {"Five": {"0": {"Return": {}}}})
    config = mock_config([first, other])
    assert config["StateMachines"]["Y"]["TestCases"] == {"AllWell": {"Ask": "Five2"}}
    assert json.dumps(config["MockedResponses"]["Five2"]) == '{"0": {"Return": {}}}'


def test_one_at_a_time_is_another_machine_with_the_same_states(tmp_path: Path) -> None:
    text = GOOD.replace("tasks: {Ask: Five}", "one_at_a_time: true")
    (scenario,) = suite(tmp_path, {"one.yaml": text}).scenarios
    changed = definition_of(GRAPH.definition, scenario)
    assert changed["States"]["Each"]["MaxConcurrency"] == 1
    assert GRAPH.definition["States"]["Each"]["MaxConcurrency"] == 5
    assert name_of("X" * 80, scenario) == "X" * 66 + "-one-at-a-time"
