"""Reads one scenario file; checks every key and collects all problems."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stepfunctions_local_test.graph import Graph
from stepfunctions_local_test.scenarios.answers import Answers, read_attempts
from stepfunctions_local_test.scenarios.model import ENGINES, Attempts, Expectation, Scenario
from stepfunctions_local_test.scenarios.paths import BadPath, states
from stepfunctions_local_test.scenarios.paths import read as read_path
from stepfunctions_local_test.scenarios.problems import Problems

KEYS = ("description", "input", "tasks", "one_at_a_time", "takes", "engines", "because", "expect")
EXPECTED = ("status", "output", "error", "cause", "path", "calls", "seconds")
STATUSES = ("SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED")
NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Read:
    """A scenario, and its own responses, named after it."""

    scenario: Scenario
    own: Mapping[str, Attempts]


def read_scenario(name: str, raw: Any, graph: Graph, answers: Answers, problems: Problems) -> Read:
    """The scenario of a file; adds its problems to `problems`."""
    given = problems.mapping("the file", raw)
    problems.unknown_keys("", given, KEYS)
    if not NAME.fullmatch(name):
        problems.add("the file's name", name, "small letters and digits, words joined by -")
    tasks = _tasks(problems.mapping("tasks", given.get("tasks")), graph, problems)
    own: dict[str, Attempts] = {}
    named: dict[str, str] = {}
    for state, value in tasks.items():
        named[state] = _response(name, state, value, answers, own, problems)
    scenario = Scenario(
        name=name,
        description=_text(given, "description", problems),
        input=given.get("input", {}),
        answers={**answers.usual, **named},
        own_tasks=frozenset(named),
        takes=_takes(problems.mapping("takes", given.get("takes")), graph, problems),
        expect=_expectation(given.get("expect"), graph, problems),
        one_at_a_time=_flag(given, "one_at_a_time", problems),
        engines=_engines(given.get("engines"), given.get("because"), problems),
        because=str(given.get("because", "")),
    )
    return Read(scenario, own)


def _text(given: Mapping[str, Any], key: str, problems: Problems) -> str:
    value = given.get(key)
    if not isinstance(value, str) or not value.strip():
        problems.add(key, value, "a sentence or two")
        return ""
    return value.strip()


def _flag(given: Mapping[str, Any], key: str, problems: Problems) -> bool:
    value = given.get(key, False)
    if not isinstance(value, bool):
        problems.add(key, value, "true or false")
    return value is True


def _tasks(given: dict[str, Any], graph: Graph, problems: Problems) -> dict[str, Any]:
    for state in given:
        check_task(f"tasks.{state}", state, graph, problems)
    return given


def check_task(key: str, state: str, graph: Graph, problems: Problems) -> None:
    """A problem when `state` is no task of the machine."""
    names = [known.name for known in graph.states.values() if known.kind == "Task"]
    if state not in names:
        problems.unknown_name(key, state, f"task of {graph.name}", names)


def _response(
    scenario: str, state: str, value: Any, answers: Answers, own: dict[str, Attempts], problems: Problems
) -> str:
    if isinstance(value, str):
        if value not in answers.responses:
            problems.unknown_name(f"tasks.{state}", value, "response in _answers.yaml", answers.responses)
        return value
    name = f"{scenario}.{state}"
    own[name] = read_attempts(f"tasks.{state}", value, problems)
    return name


def _takes(given: dict[str, Any], graph: Graph, problems: Problems) -> dict[str, float]:
    for state, seconds in given.items():
        check_task(f"takes.{state}", state, graph, problems)
        if not _is_number(seconds):
            problems.add(f"takes.{state}", seconds, "seconds, 0 or more")
    return given


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


def _engines(given: Any, because: Any, problems: Problems) -> tuple[str, ...]:
    if given is None:
        return ENGINES
    if not isinstance(given, list) or not given or not set(given) <= set(ENGINES):
        problems.add("engines", given, f"a list of {' and '.join(ENGINES)}")
        return ENGINES
    if set(given) != set(ENGINES) and not because:
        problems.add("because", because, "a reason, since engines leaves one out")
    return tuple(given)


def _expectation(raw: Any, graph: Graph, problems: Problems) -> Expectation:
    given = problems.mapping("expect", raw)
    problems.unknown_keys("expect.", given, EXPECTED)
    status = given.get("status")
    if status not in STATUSES:
        problems.add("expect.status", status, f"one of {', '.join(STATUSES)}")
    for key in ("error", "cause"):
        if not isinstance(given.get(key, ""), str):
            problems.add(f"expect.{key}", given[key], "text")
    return Expectation(
        status=str(status),
        output=given.get("output"),
        error=given.get("error"),
        cause=given.get("cause"),
        path=_path(given.get("path"), graph, problems),
        calls=_calls(problems.mapping("expect.calls", given.get("calls")), graph, problems),
        seconds=_seconds(given.get("seconds"), problems),
    )


def _path(raw: Any, graph: Graph, problems: Problems) -> Any:
    if raw is None:
        problems.add("expect.path", raw, "the states that are entered, in order")
        return None
    try:
        path = read_path(raw)
    except BadPath as error:
        problems.say(f"expect.path: {error}")
        return None
    for state in dict.fromkeys(states(path)):
        if state not in graph.states:
            problems.unknown_name("expect.path", state, f"state of {graph.name}", graph.states)
    return path


def _calls(given: dict[str, Any], graph: Graph, problems: Problems) -> dict[str, int]:
    for state, times in given.items():
        check_task(f"expect.calls.{state}", state, graph, problems)
        if not isinstance(times, int) or isinstance(times, bool) or times < 0:
            problems.add(f"expect.calls.{state}", times, "how often it is called, retries included")
    return given


def _seconds(raw: Any, problems: Problems) -> tuple[float, float] | None:
    if raw is None:
        return None
    if _is_number(raw):
        return (raw, raw)
    if isinstance(raw, list) and len(raw) == 2 and all(map(_is_number, raw)) and raw[0] <= raw[1]:
        return (raw[0], raw[1])
    problems.add("expect.seconds", raw, "a number, or [least, most]")
    return None
