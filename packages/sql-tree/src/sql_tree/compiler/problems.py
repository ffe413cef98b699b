"""One finding of the compiler, and the error that carries all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sql_tree.errors import SqlTreeError


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """What is wrong in which file; `line` counts from 1, 0 when the problem has no line."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}" if self.line else f"{self.file}: {self.text}"


class CompileError(SqlTreeError):
    """The SQL tree cannot become a release; `problems` holds every finding, the message lists them."""

    def __init__(self, root: Path, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        count = f"{len(self.problems)} problem{'s' if len(self.problems) > 1 else ''}"
        super().__init__(f"{root} does not compile, {count}:\n  " + "\n  ".join(map(str, self.problems)))
