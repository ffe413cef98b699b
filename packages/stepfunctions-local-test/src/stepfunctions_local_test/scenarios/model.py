"""A scenario for the runner: answers, variations of the machine, expected outcome."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from stepfunctions_local_test.scenarios.paths import Step

ENGINES = ("embedded", "container")
Attempts = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Expectation:
    """The expected outcome of an execution; None is not compared. `seconds` are simulated, (least, most)."""

    status: str
    output: Any = None
    error: str | None = None
    cause: str | None = None
    path: tuple[Step, ...] | None = None
    calls: Mapping[str, int] = field(default_factory=dict)
    seconds: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """One run. `answers` names a response for each task; `own_tasks` are those in the scenario's own file."""

    name: str
    description: str
    input: Any
    answers: Mapping[str, str]
    own_tasks: frozenset[str]
    takes: Mapping[str, float]
    expect: Expectation
    one_at_a_time: bool = False
    engines: tuple[str, ...] = ENGINES
    because: str = ""

    @property
    def case(self) -> str:
        """The name of the test case in a mock configuration: `no-tables` is `NoTables`."""
        return "".join(word[:1].upper() + word[1:] for word in self.name.split("-"))
