"""The data of one state while it runs; reads of paths that may be missing are reported."""

from __future__ import annotations

from collections.abc import Callable

from stepfunctions_local_test.checks.paths import jsonpath
from stepfunctions_local_test.checks.shapes import (
    REPORTED,
    Array,
    Field,
    Found,
    Object,
    Shape,
    Steps,
    Unknown,
    put,
    read,
    refined,
)

# field, path, result of the read
Report = Callable[[str, str, Found], None]


class View:
    """`$` and `$$` of a state. A path that was read is present afterwards: otherwise the execution has failed."""

    def __init__(self, data: Shape, context: Shape, report: Report) -> None:
        self.world: Shape = Object.of({"$": Field(data), "$$": Field(context)})
        self.report = report

    @property
    def data(self) -> Shape:
        return read(self.world, ("$",)).shape

    @property
    def context(self) -> Shape:
        return read(self.world, ("$$",)).shape

    def over(self, data: Shape) -> View:
        """The same context over other data."""
        return View(data, self.context, self.report)

    def read(self, place: str, text: str) -> Shape:
        """The shape at a path that the field at `place` names."""
        path = jsonpath.parse(text)
        found = read(self.world, path.steps)
        if found.trouble:
            self.report(place, text, found)
        if found.trouble and isinstance(found.shape, Unknown):
            self.world = _without_trouble(self.world, path.steps)
            return REPORTED
        self.world = refined(self.world, path.steps, True) or self.world
        return Array(rest=Unknown(f"{text} selects several values")) if path.many else found.shape


def _without_trouble(world: Shape, steps: Steps) -> Shape:
    """The world after a report: the missing part is not reported again."""
    for count in range(1, len(steps) + 1):
        if read(world, steps[:count]).trouble:
            return put(world, steps[:count], REPORTED)
    return world
