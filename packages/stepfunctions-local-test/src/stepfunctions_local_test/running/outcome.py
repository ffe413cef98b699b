"""The outcome of a scenario on an engine: the end of its execution and the replay of its history."""

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from stepfunctions_local_test.coverage.covered import Covered, covered
from stepfunctions_local_test.history import Replay
from stepfunctions_local_test.history.reading import Largest, calls_of, largest, path_of
from stepfunctions_local_test.scenarios import Scenario
from stepfunctions_local_test.scenarios.paths import Path


@dataclass(frozen=True)
class Outcome:
    """`simulated` is the duration on a virtual clock, None with real time; `real` is the real duration."""

    machine: str
    scenario: Scenario
    engine: str
    status: str
    output: str | None
    error: str | None
    cause: str | None
    replay: Replay
    real: float
    simulated: float | None

    @property
    def name(self) -> str:
        """Scenario and engine, the name of this execution in the coverage."""
        return f"{self.scenario.name}@{self.engine}"

    @property
    def result(self) -> Any:
        """The output as data."""
        return None if self.output is None else json.loads(self.output)

    @cached_property
    def path(self) -> Path:
        """The states entered."""
        return path_of(self.replay.root)

    @cached_property
    def calls(self) -> dict[str, int]:
        """How often each task was called."""
        return dict(calls_of(self.replay))

    @cached_property
    def covered(self) -> Covered:
        """The coverage of this execution."""
        return covered(self.replay)

    @cached_property
    def largest(self) -> Largest:
        """The largest state data."""
        return largest(self.replay)
