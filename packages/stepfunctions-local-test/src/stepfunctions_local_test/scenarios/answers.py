"""Reads and checks mocked responses in the form that AWS documents for Step Functions Local.

https://docs.aws.amazon.com/step-functions/latest/dg/sfn-local-mock-cfg-file.html
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from stepfunctions_local_test.scenarios.model import Attempts
from stepfunctions_local_test.scenarios.problems import Problems

FILE = "_answers.yaml"
_RANGE = re.compile(r"(\d+)(?:-(\d+))?")


@dataclass(frozen=True, slots=True)
class Answers:
    """The shared part of a folder's scenarios: named responses, and the default response of each task."""

    responses: Mapping[str, Attempts] = field(default_factory=dict)
    usual: Mapping[str, str] = field(default_factory=dict)


def read_answers(raw: Any, problems: Problems) -> Answers:
    """The content of `_answers.yaml`."""
    given = problems.mapping("the file", raw)
    problems.unknown_keys("", given, ("responses", "usual"))
    responses = {
        name: read_attempts(f"responses.{name}", value, problems)
        for name, value in problems.mapping("responses", given.get("responses")).items()
    }
    usual = problems.mapping("usual", given.get("usual"))
    for state, name in usual.items():
        if not isinstance(name, str) or name not in responses:
            problems.unknown_name(f"usual.{state}", str(name), "response of this file", responses)
    return Answers(responses, {state: str(name) for state, name in usual.items()})


def read_attempts(key: str, raw: Any, problems: Problems) -> Attempts:
    """Attempts by number, `"0"` or `"1-2"`: each a Return or a Throw, without a gap."""
    attempts = problems.mapping(key, raw)
    if not attempts:
        problems.add(key, raw, 'attempts, for example "0": {Return: {...}}')
    spans = []
    for number, answer in attempts.items():
        found = _RANGE.fullmatch(number)
        if found is None:
            problems.add(f"{key}.{number}", answer, 'the key of an attempt is "0", or "1-2" for several')
        else:
            spans.append((int(found.group(1)), int(found.group(2) or found.group(1))))
        _check_answer(f"{key}.{number}", answer, problems)
    _refuse_gaps(key, spans, problems)
    return attempts


def _refuse_gaps(key: str, spans: list[tuple[int, int]], problems: Problems) -> None:
    following = 0
    for first, last in sorted(spans):
        if first != following or last < first:
            problems.say(f"{key} continues with attempt {first}, but the next one is {following}")
            return
        following = last + 1


def _check_answer(key: str, answer: Any, problems: Problems) -> None:
    if not isinstance(answer, dict) or len(answer) != 1 or not answer.keys() <= {"Return", "Throw"}:
        problems.add(key, answer, "one Return or one Throw")
        return
    thrown = answer.get("Throw")
    if "Throw" not in answer:
        return
    texts = thrown if isinstance(thrown, dict) else {}
    if texts.keys() != {"Error", "Cause"} or not all(isinstance(text, str) for text in texts.values()):
        problems.add(f"{key}.Throw", thrown, "an Error and a Cause, both text")
