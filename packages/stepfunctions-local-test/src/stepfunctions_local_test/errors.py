"""What ends the proof of state machines before it has begun."""

from collections.abc import Sequence

from local_aws.errors import LocalAwsError


class StatesError(LocalAwsError):
    """A file, an option or an engine does not do; the message says which, and the way out."""


class ScenarioProblems(StatesError):  # noqa: N818 - a list, not one fault
    """Everything wrong with the scenario files, all at once."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)
