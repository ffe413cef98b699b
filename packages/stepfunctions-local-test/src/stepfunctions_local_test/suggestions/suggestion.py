"""A suggested scenario, and its file."""

from dataclasses import dataclass, field
from typing import Any

import yaml

from stepfunctions_local_test.coverage.items import Item
from stepfunctions_local_test.graph import Edge
from stepfunctions_local_test.suggestions.routes import Route


@dataclass
class Suggestion:
    """A scenario file for an item, and notes on values that could not be derived."""

    item: Item
    input: dict[str, Any] = field(default_factory=dict)
    tasks: dict[str, Any] = field(default_factory=dict)
    path: list[str] = field(default_factory=list)
    status: str = "SUCCEEDED"
    notes: list[str] = field(default_factory=list)
    detours: list[list[Route]] = field(default_factory=list, repr=False)
    obstacles: list[Edge | str] = field(default_factory=list, repr=False)
    choice_inputs: dict[Any, tuple[Edge, Any]] = field(default_factory=dict, repr=False)

    @property
    def content(self) -> dict[str, Any]:
        """The content of the file without the expectation."""
        return {"description": f"Covers {self.item}.", "input": self.input, "tasks": self.tasks}

    def text(self) -> str:
        """The file."""
        notes = "".join(f"# {note}\n" for note in self.notes)
        body = yaml.safe_dump(self.content, sort_keys=False, width=110)
        covered = "\n".join(f"    {line}" for line in self.path)
        return f"{notes}{body}expect:\n  status: {self.status}\n  path:\n{covered}\n"
