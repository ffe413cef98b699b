"""Mocked responses of tasks, in the form that AWS documents for Step Functions Local's `SFN_MOCK_CONFIG`.

https://docs.aws.amazon.com/step-functions/latest/dg/sfn-local-mock-cfg-file.html

`{"StateMachines": {machine: {"TestCases": {case: {state: response}}}}, "MockedResponses": {response: {"0":
{"Return": ...}, "1-2": {"Throw": {"Error", "Cause"}}}}}`. The numbers count the invocations of a state in an execution,
retries and the items of maps included, from 0.

Ours alone: `"Seconds": {case: {state: seconds}}` beside `TestCases` says how long an invocation takes on a virtual clock.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from local_aws.errors import LocalAwsError

_RANGE = re.compile(r"(\d+)(?:-(\d+))?")


class MockConfigError(LocalAwsError):
    """A file of mocked responses that cannot be used; the message lists every problem."""


@dataclass(frozen=True, slots=True)
class Returned:
    """A task that went well."""

    value: Any


@dataclass(frozen=True, slots=True)
class Thrown:
    """A task that failed; `error` is what retriers and catchers match."""

    error: str
    cause: str


Response = Returned | Thrown


@dataclass(frozen=True, slots=True)
class TestCase:
    """What the mocked states of one execution answer, by number of invocation, and how long that takes."""

    machine: str
    name: str
    responses: Mapping[str, Sequence[Response]]
    seconds: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class MockConfig:
    """The test cases of every machine."""

    cases: Mapping[tuple[str, str], TestCase]

    @classmethod
    def read(cls, path: Path) -> MockConfig:
        """The file's content; raises `MockConfigError` with every problem in it."""
        try:
            content = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise MockConfigError(f"{path}: no file of mocked responses in JSON: {error}") from error
        problems = list(_problems(content))
        if problems:
            raise MockConfigError(f"{path}: {len(problems)} problems: {'; '.join(problems)}")
        responses = {name: tuple(_expanded(one)) for name, one in content["MockedResponses"].items()}
        return cls(MappingProxyType({(case.machine, case.name): case for case in _cases(content, responses)}))

    def case(self, machine: str, name: str) -> TestCase:
        """The test case of that name; raises `MockConfigError` when the machine has none."""
        found = self.cases.get((machine, name))
        if found is None:
            known = ", ".join(case for owner, case in self.cases if owner == machine) or "none"
            raise MockConfigError(
                f"state machine {machine} has no test case {name!r} in the mock configuration; it has: {known}"
            )
        return found


def _cases(content: Any, responses: Mapping[str, tuple[Response, ...]]) -> Iterator[TestCase]:
    for machine, body in content["StateMachines"].items():
        for name, states in body["TestCases"].items():
            mocked = {state: responses[response] for state, response in states.items()}
            yield TestCase(machine, name, mocked, body.get("Seconds", {}).get(name, {}))


def _expanded(attempts: Mapping[str, Any]) -> Iterator[Response]:
    for first, last, answer in sorted(_ranges(attempts), key=lambda one: one[0]):
        for _ in range(first, last + 1):
            yield _response(answer)


def _ranges(attempts: Mapping[str, Any]) -> Iterator[tuple[int, int, Any]]:
    for key, answer in attempts.items():
        match = _RANGE.fullmatch(key)
        if match:
            yield int(match[1]), int(match[2] or match[1]), answer


def _response(answer: Mapping[str, Any]) -> Response:
    if "Return" in answer:
        return Returned(answer["Return"])
    return Thrown(answer["Throw"]["Error"], answer["Throw"].get("Cause", ""))


def _problems(content: Any) -> Iterator[str]:
    if not isinstance(content, dict):
        yield f"an object with StateMachines and MockedResponses is needed, got {type(content).__name__}"
        return
    machines, responses = content.get("StateMachines"), content.get("MockedResponses")
    if not isinstance(machines, dict) or not isinstance(responses, dict):
        yield "StateMachines and MockedResponses must both be objects"
        return
    for name, attempts in responses.items():
        yield from _response_problems(f"MockedResponses.{name}", attempts)
    for name, machine in machines.items():
        yield from _machine_problems(f"StateMachines.{name}", machine, responses)


def _machine_problems(where: str, machine: Any, responses: Mapping[str, Any]) -> Iterator[str]:
    cases = machine.get("TestCases") if isinstance(machine, dict) else None
    if not isinstance(cases, dict):
        yield f"{where}.TestCases must be an object"
        return
    for case, states in cases.items():
        if not isinstance(states, dict):
            yield f"{where}.TestCases.{case} must be an object of states, got {states!r}"
            continue
        for state, response in states.items():
            if response not in responses:
                yield f"{where}.TestCases.{case}.{state} names {response!r}, which MockedResponses has not"


def _response_problems(where: str, attempts: Any) -> Iterator[str]:
    if not isinstance(attempts, dict) or not attempts:
        yield f"{where} must be an object of attempts, such as {{'0': {{'Return': ...}}}}, got {attempts!r}"
        return
    for key, answer in attempts.items():
        if not _RANGE.fullmatch(key):
            yield f"{where}: an attempt is a number or a range such as '1-2', got {key!r}"
        yield from _answer_problems(f"{where}.{key}", answer)
    expected = 0
    for first, last, _ in sorted(_ranges(attempts), key=lambda one: one[0]):
        if first != expected or last < first:
            yield f"{where}: attempts must follow each other from 0, got {first}-{last} where {expected} is due"
        expected = last + 1


def _answer_problems(where: str, answer: Any) -> Iterator[str]:
    if not isinstance(answer, dict) or len(answer.keys() & {"Return", "Throw"}) != 1 or len(answer) != 1:
        yield f"{where} must have either Return or Throw, got {answer!r}"
    elif "Throw" in answer and not isinstance((answer["Throw"] or {}).get("Error"), str):
        yield f"{where}.Throw must have an Error, got {answer['Throw']!r}"
