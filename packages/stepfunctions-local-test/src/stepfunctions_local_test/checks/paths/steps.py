"""One state over shapes: from its input to one world per edge. Order as in Step Functions: InputPath, Parameters,
the work itself, ResultSelector, ResultPath (into the raw input), OutputPath.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from local_aws.asl import Level
from stepfunctions_local_test.checks.contracts import Contracts
from stepfunctions_local_test.checks.paths import jsonpath, rules, templates
from stepfunctions_local_test.checks.paths.view import View
from stepfunctions_local_test.checks.shapes import (
    Array,
    Field,
    Found,
    Object,
    Scalar,
    Shape,
    Unknown,
    joined,
    of_value,
    put,
    read,
)
from stepfunctions_local_test.graph import Edge, Graph, State

# Explores a level from an entry (data, context) and returns the outputs of its ends.
Explore = Callable[[Level, Shape, Shape], tuple[Shape, ...]]

_NAME = Scalar(plain=True)
ERROR = Object.of({"Error": Field(Scalar()), "Cause": Field(Scalar(), sure=False)})
# The fields that Step Functions adds to an answer (guide, "Integrating services").
_LAMBDA = ("ExecutedVersion", "SdkHttpMetadata", "SdkResponseMetadata", "StatusCode")
_CHILD = ("ExecutionArn", "Input", "Name", "Output", "StartDate", "StateMachineArn", "Status", "StopDate")


def context_of(execution_input: Shape) -> Shape:
    """`$$` of an execution (guide, "Context object")."""
    execution = {name: Field(_NAME) for name in ("Id", "Name", "RoleArn", "StartTime", "RedriveCount")}
    return Object.of(
        {
            "Execution": Field(Object.of({**execution, "Input": Field(execution_input)})),
            "State": Field(of_names("EnteredTime", "Name", "RetryCount")),
            "StateMachine": Field(of_names("Id", "Name")),
        }
    )


def of_names(*keys: str) -> Object:
    """An object of texts without quotes."""
    return Object.of({key: Field(_NAME) for key in keys})


class Steps:
    """The states of a graph over shapes."""

    def __init__(self, graph: Graph, contracts: Contracts, explore: Explore) -> None:
        self.graph, self.contracts, self.explore = graph, contracts, explore

    def ways(self, state: State, view: View) -> Iterator[tuple[Edge, Shape]]:
        """All edges out of a state, each with the world that takes it."""
        edges = self.graph.leaving(state.name)
        if state.kind == "Choice":
            yield from self._choices(state, view, edges)
            return
        output = self._output(state, view)
        for edge in edges:
            if edge.kind == "catch":
                yield edge, _caught(state.body["Catch"][edge.index], view)
            else:
                yield edge, View(output, view.context, view.report).world

    def _choices(self, state: State, view: View, edges: tuple[Edge, ...]) -> Iterator[tuple[Edge, Shape]]:
        _input(state.body, view)
        by_rule = {edge.index if edge.kind == "choice" else None: edge for edge in edges}
        for rule, world in rules.branches(state.body["Choices"], view):
            if rule in by_rule:
                yield by_rule[rule], world

    def _output(self, state: State, view: View) -> Shape:
        body = state.body
        source = _input(body, view)
        for field in ("SecondsPath", "TimestampPath", "TimeoutSecondsPath", "HeartbeatSecondsPath"):
            _read(body, field, source)
        if state.kind == "Fail":
            for field in ("ErrorPath", "CausePath"):
                if field in body:
                    templates.expression(body[field], field, source)
            return source.data
        result = self._result(state, source)
        if "ResultSelector" in body:
            result = templates.evaluate(body["ResultSelector"], "ResultSelector", source.over(result))
        return _out(body, view, source, result)

    def _result(self, state: State, source: View) -> Shape:
        body = state.body
        match state.kind:
            case "Task":
                return self._task(state, source)
            case "Pass":
                return of_value(body["Result"]) if "Result" in body else _parameters(body, source)
            case "Map":
                return self._map(state, source)
            case "Parallel":
                return self._parallel(state, _parameters(body, source), source.context)
        return source.data

    def _task(self, state: State, source: View) -> Shape:
        resource = str(state.body["Resource"])
        inside = source
        if resource.endswith(".waitForTaskToken"):
            inside = View(source.data, put(source.context, ("Task", "Token"), _NAME), source.report)
        for field in ("Parameters", "Credentials"):
            if field in state.body:
                templates.evaluate(state.body[field], field, inside)
        if inside is not source:
            source.world = View(inside.data, source.context, source.report).world
        return self.contracts.answers.get(state.name) or _promised_by_service(state.name, resource)

    def _map(self, state: State, source: View) -> Shape:
        body = state.body
        for field in ("MaxConcurrencyPath", "ToleratedFailureCountPath", "ToleratedFailurePercentagePath"):
            _read(body, field, source)
        item = put(
            put(source.context, ("Map", "Item", "Index"), Scalar()),
            ("Map", "Item", "Value"),
            _items(body, source),
        )
        inside = View(source.data, item, source.report)
        selector = "ItemSelector" if "ItemSelector" in body else "Parameters"
        value = read(item, ("Map", "Item", "Value")).shape
        entry = templates.evaluate(body[selector], selector, inside) if selector in body else value
        source.world = View(inside.data, source.context, source.report).world
        if "ItemBatcher" in body:
            entry = Object.of(
                {"Items": Field(Array(rest=entry)), "BatchInput": Field(Unknown(""), sure=False)}
            )
        outputs = self.explore((*state.level, state.name), entry, inside.context)
        if "ResultWriter" in body:
            return Unknown(f"what '{state.name}' wrote to S3")
        return Array(rest=joined(outputs) if outputs else Unknown(f"no item of '{state.name}' ends"))

    def _parallel(self, state: State, entry: Shape, context: Shape) -> Shape:
        levels = [(*state.level, f"{state.name}[{number}]") for number in range(len(state.body["Branches"]))]
        outputs = [self.explore(level, entry, context) for level in levels]
        return Array(
            tuple(joined(o) if o else Unknown(f"a branch of '{state.name}' never ends") for o in outputs)
        )


def _input(body: Mapping[str, Any], view: View) -> View:
    """The view after InputPath: the same one, so that what is read of it is known of the raw input too."""
    if body.get("InputPath", "$") == "$":
        return view
    path = body["InputPath"]
    return view.over(Object() if path is None else view.read("InputPath", path))


def _parameters(body: Mapping[str, Any], source: View) -> Shape:
    return (
        templates.evaluate(body["Parameters"], "Parameters", source) if "Parameters" in body else source.data
    )


def _read(body: Mapping[str, Any], field: str, source: View) -> None:
    if field in body:
        source.read(field, body[field])


def _items(body: Mapping[str, Any], source: View) -> Shape:
    if "ItemReader" in body:
        return Unknown("it is read from outside")
    path = body.get("ItemsPath", "$")
    items = source.read("ItemsPath", path)
    match items:
        case Array(nullable=False):
            return items.entry()
        case Array():
            source.report("ItemsPath", path, Found(items, "missing", "it must be a list, and may be null"))
            return items.entry()
        case Unknown(why=""):
            return items
        case Unknown(why=why):
            source.report("ItemsPath", path, Found(items, "unknown", f"it must be a list, is it one? {why}"))
            return items
    source.report("ItemsPath", path, Found(items, "missing", "it must be a list, and is none"))
    return Unknown("an entry of what is no list")


def _out(body: Mapping[str, Any], view: View, source: View, result: Shape) -> Shape:
    """ResultPath and OutputPath."""
    raw = view.data
    path = body.get("ResultPath", "$")
    output = raw if path is None else put(raw, jsonpath.parse(path).steps[1:], result)
    selected = body.get("OutputPath", "$")
    if selected is None:
        return Object()
    return output if selected == "$" else source.over(output).read("OutputPath", selected)


def _caught(catcher: Mapping[str, Any], view: View) -> Shape:
    """The raw input with the error at the catcher's ResultPath."""
    path = catcher.get("ResultPath", "$")
    data = view.data if path is None else put(view.data, jsonpath.parse(path).steps[1:], ERROR)
    return View(data, view.context, view.report).world


def _promised_by_service(name: str, resource: str) -> Shape:
    nobody = Unknown(f"no contract says what '{name}' answers")
    if resource.endswith(":lambda:invoke"):
        return Object.of({**{key: Field(Scalar()) for key in _LAMBDA}, "Payload": Field(nobody)})
    if ":states:startExecution.sync" in resource:
        return Object.of({**{key: Field(Scalar()) for key in _CHILD}, "Output": Field(nobody)}, nobody)
    return nobody
