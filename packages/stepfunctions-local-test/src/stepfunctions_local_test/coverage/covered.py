"""The coverage of one execution, from its history only, and its deviations from the definition."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from stepfunctions_local_test.coverage.items import MAX_ATTEMPTS, Item, caught, entered, retried, ruled, taken
from stepfunctions_local_test.graph import END, Edge, Graph
from stepfunctions_local_test.history import Frame, Replay, Visit
from stepfunctions_local_test.history.choices import DEFAULT, ChoiceError, chosen
from stepfunctions_local_test.history.errors import first_for
from stepfunctions_local_test.history.outcomes import caught_error, outcomes
from stepfunctions_local_test.history.reference_paths import at


@dataclass
class Covered:
    """Covered items, the edges among them, and an engine's deviations from the definition."""

    items: set[Item] = field(default_factory=set)
    edges: set[Edge] = field(default_factory=set)
    disagreements: list[str] = field(default_factory=list)


def covered(replay: Replay) -> Covered:
    """The coverage of a replay."""
    found = Covered()
    for visit, following in _steps(replay.root):
        _Reading(replay.graph, visit, following, found).read()
    return found


def _steps(frame: Frame) -> Iterator[tuple[Visit, str | None]]:
    """All visits, each with the next state of its sequence."""
    names = [*(visit.state for visit in frame.visits[1:]), None]
    for visit, following in zip(frame.visits, names, strict=bool(frame.visits)):
        yield visit, following
        for item in visit.items:
            yield from _steps(item)


@dataclass(frozen=True)
class _Reading:
    graph: Graph
    visit: Visit
    following: str | None
    found: Covered

    @property
    def body(self) -> Mapping[str, Any]:
        return self.graph.states[self.visit.state].body

    def read(self) -> None:
        name, kind = self.visit.state, self.body["Type"]
        self.found.items.add(entered(name))
        if kind == "Choice":
            self._choice()
            return
        ends = outcomes(self.visit, self.graph)
        self._retries(ends)
        if kind == "Fail":
            self._take(Edge(name, END, "end"))
        elif self.visit.left:
            self._leave(ends)

    def _choice(self) -> None:
        name = self.visit.state
        try:
            data = json.loads(self.visit.given)
            path = self.body.get("InputPath", "$")
            number, results = chosen(self.body, at(path, data) if path else {})
        except ChoiceError as error:
            if self.visit.left:
                self._differs(f"{name} was left for {self.following}, though its rules fail: {error}")
            return
        for index, held in enumerate(results, 1):
            self.found.items.add(ruled(name, index, held))
        if number == DEFAULT:
            edge = Edge(name, self.body["Default"], "default")
        else:
            edge = Edge(name, self.body["Choices"][number]["Next"], "choice", number)
        if self.following is None:
            if not self.visit.left:
                self._differs(f"{name} was not left, though its rules lead to {edge.target}")
        elif edge.target != self.following:
            self._differs(f"{name} went to {self.following}, but its rules lead to {edge.target}")
        else:
            self._take(edge)

    def _leave(self, ends: list[str | None]) -> None:
        body, after = self.body, self.following
        failed = bool(ends) and ends[-1] is not None
        if not failed and after == body.get("Next"):
            target, kind = (END, "end") if after is None else (after, "next")
            if after is not None or body.get("End") or body["Type"] == "Succeed":
                self._take(Edge(self.visit.state, target, kind))  # type: ignore[arg-type]
            return
        if after is not None:
            self._catch((ends[-1] if failed else None) or caught_error(self.visit, self.graph) or "", after)

    def _catch(self, error: str, after: str) -> None:
        name, catchers = self.visit.state, self.body.get("Catch", ())
        by = first_for(catchers, error)
        if by is None or catchers[by[0]]["Next"] != after:
            expected = catchers[by[0]]["Next"] if by else "nowhere"
            self._differs(f"{name} went to {after} with {error or 'no error'}, which leads to {expected}")
            return
        self._take(Edge(name, after, "catch", by[0]))
        self.found.items.add(caught(name, by[0] + 1, by[1]))

    def _retries(self, ends: list[str | None]) -> None:
        name, retriers = self.visit.state, self.body.get("Retry", ())
        used: Counter[int] = Counter()
        for place, error in enumerate(ends):
            by = first_for(retriers, error) if error is not None else None
            again = place + 1 < len(ends)
            if by is None:
                if error is not None and again:
                    self._differs(f"{name} was tried again after {error}, which no retrier names")
                continue
            number, by_name = by
            most = retriers[number].get("MaxAttempts", MAX_ATTEMPTS)
            self.found.items.add(retried(name, number + 1, f"on {by_name}"))
            if again:
                used[number] += 1
                if ends[place + 1] is None:
                    self.found.items.add(retried(name, number + 1, "recovers"))
            elif used[number] == most:
                self.found.items.add(retried(name, number + 1, "gives up"))
            elif self.visit.left:
                self._differs(f"{name} gave up after {used[number]} of {most} retries for {error}")
            if used[number] > most:
                self._differs(f"{name} was tried again {used[number]} times for {error}, {most} are allowed")

    def _take(self, edge: Edge) -> None:
        if edge not in self.graph.leaving(edge.source):
            self._differs(f"{edge} was taken, but is no transition of {self.graph.name}")
            return
        self.found.edges.add(edge)
        self.found.items.add(taken(edge))

    def _differs(self, text: str) -> None:
        self.found.disagreements.append(text)
