"""Loads a folder of scenarios for one machine: scenario files, shared answers, exceptions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stepfunctions_local_test.errors import ScenarioProblems, StatesError
from stepfunctions_local_test.graph import Graph
from stepfunctions_local_test.scenarios import answers as shared
from stepfunctions_local_test.scenarios.answers import Answers, read_answers
from stepfunctions_local_test.scenarios.generators import BadGenerator, expanded
from stepfunctions_local_test.scenarios.model import Attempts, Scenario
from stepfunctions_local_test.scenarios.problems import Problems
from stepfunctions_local_test.scenarios.reading import Read, check_task, read_scenario
from stepfunctions_local_test.scenarios.yaml_text import read

EXCEPTIONS = "_exceptions.yaml"


@dataclass(frozen=True)
class Suite:
    """The scenarios of one machine, their responses, and exceptions for branches that cannot be covered."""

    graph: Graph
    scenarios: tuple[Scenario, ...] = ()
    responses: Mapping[str, Attempts] = field(default_factory=dict)
    exceptions: Mapping[str, str] = field(default_factory=dict)


def load(root: Path, graphs: Sequence[Graph]) -> list[Suite]:
    """The suites of all machines; the folder `X` is for the machine `X` or `...-X`. Raises ScenarioProblems.

    A machine without a folder has no scenarios; a folder without a machine is a problem.
    """
    if not root.is_dir():
        raise StatesError(f"there is no folder {root}; give the one with the scenarios with --scenarios")
    folders = {path.name: path for path in sorted(root.iterdir()) if path.is_dir()}
    used: set[str] = set()
    suites, problems = [], []
    for graph in graphs:
        folder = next((name for name in folders if f"-{graph.name}".endswith(f"-{name}")), None)
        used.update([folder] if folder else [])
        suite, found = _load(folders[folder], graph) if folder else (Suite(graph), [])
        suites.append(suite)
        problems += found
    machines = ", ".join(graph.name for graph in graphs)
    problems += [
        f"{root.name}/{name}: no machine has this name or ends with it; known are {machines}"
        for name in folders
        if name not in used
    ]
    if problems:
        raise ScenarioProblems(problems)
    return suites


def _load(folder: Path, graph: Graph) -> tuple[Suite, list[str]]:
    own = Problems(f"{folder.name}/{shared.FILE}")
    answers = read_answers(_content(folder / shared.FILE, own, optional=True), own)
    for state in answers.usual:
        check_task(f"usual.{state}", state, graph, own)
    found, problems = [], own.found
    for file in sorted(folder.glob("*.yaml")):
        if not file.name.startswith("_"):
            noted = Problems(f"{folder.name}/{file.name}")
            content = _content(file, noted)
            if not noted.found:
                found.append(read_scenario(file.stem, content, graph, answers, noted))
            problems += noted.found
    problems += _unused(folder, answers, found)
    exceptions, wrong = _exceptions(folder)
    return _suite(graph, answers, found, exceptions), problems + wrong


def _suite(graph: Graph, answers: Answers, found: Sequence[Read], exceptions: Mapping[str, str]) -> Suite:
    responses = dict(answers.responses)
    for one in found:
        responses |= one.own
    return Suite(graph, tuple(one.scenario for one in found), responses, exceptions)


def _content(file: Path, problems: Problems, *, optional: bool = False) -> Any:
    if optional and not file.exists():
        return {}
    try:
        return expanded(read(file))
    except (StatesError, BadGenerator) as error:
        problems.say(str(error))
        return {}


def _unused(folder: Path, answers: Answers, found: Sequence[Read]) -> list[str]:
    used = {name for one in found for name in one.scenario.answers.values()}
    return [
        f"{folder.name}/{shared.FILE}: responses.{name} is not used by any scenario; use it or remove it"
        for name in answers.responses
        if name not in used
    ]


def _exceptions(folder: Path) -> tuple[dict[str, str], list[str]]:
    noted = Problems(f"{folder.name}/{EXCEPTIONS}")
    given = noted.mapping("the file", _content(folder / EXCEPTIONS, noted, optional=True))
    for item, reason in given.items():
        if not isinstance(reason, str) or len(reason.split()) < 3:
            noted.add(item, reason, "a reason, in a sentence")
    return {item: str(reason).strip() for item, reason in given.items()}, noted.found
