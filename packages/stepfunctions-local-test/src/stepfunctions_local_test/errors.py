"""Errors that stop the proof before it runs."""

from collections.abc import Sequence

from local_aws.errors import LocalAwsError


class StatesError(LocalAwsError):
    """A file, an option or an engine cannot be used; the message names it and the fix."""


class ScenarioProblems(StatesError):  # noqa: N818 - a list, not one fault
    """All problems of the scenario files."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)
