"""Does everything that the machine calls exist? Compares functions, jobs and child machines with the deployed ones."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from stepfunctions_local_test.checks.finding import RESOURCES, ChecksError, Finding
from stepfunctions_local_test.graph import Graph, State

_FUNCTION = re.compile(r"(arn:[\w-]+:lambda:[\w-]+:\d+:function:[\w-]+)(?::[\w$-]+)?")
_MACHINE = re.compile(r"(arn:[\w-]+:states:[\w-]+:\d+:stateMachine:[^:]+)(?::[^:]+)?")


@dataclass(frozen=True, slots=True)
class Resources:
    """Existing resources: ARNs of functions, names of jobs, ARNs or names of machines; ARNs without qualifier."""

    functions: frozenset[str]
    jobs: frozenset[str]
    machines: frozenset[str]

    @classmethod
    def of(cls, found: Mapping[str, Iterable[str]]) -> Resources:
        """From {"functions": [...], "jobs": [...], "machines": [...]}; qualified ARNs stand for what they qualify."""
        unknown = sorted(found.keys() - {"functions", "jobs", "machines"})
        if unknown:
            raise ChecksError(
                f"resources must hold functions, jobs and machines, got {', '.join(unknown)} as well"
            )
        return cls(
            frozenset(map(_function, found.get("functions", ()))),
            frozenset(found.get("jobs", ())),
            frozenset(map(_machine, found.get("machines", ()))),
        )


def problems(graph: Graph, resources: Resources) -> Iterator[Finding]:
    """Tasks that call a missing resource, or one that is known only at run time."""
    partitions = {arn.split(":")[1] for arn in (*resources.functions, *resources.machines) if ":" in arn}
    for state in graph.states.values():
        if state.kind == "Task":
            messages = [*_of_task(state, resources), *_of_partition(state, partitions)]
            yield from (Finding(RESOURCES, graph.name, state.name, message) for message in messages)


def _of_task(state: State, resources: Resources) -> Iterator[str]:
    resource = state.body["Resource"]
    if _FUNCTION.fullmatch(resource) and _function(resource) not in resources.functions:
        yield _absent("Resource", resource, "function", resources.functions)
    parameters = state.body.get("Parameters", {})
    if ":lambda:invoke" in resource:
        yield from _named(parameters, "FunctionName", "function", _function, resources.functions)
    elif ":glue:startJobRun" in resource:
        yield from _named(parameters, "JobName", "job", str, resources.jobs)
    elif ":states:startExecution" in resource or ":states:startSyncExecution" in resource:
        yield from _named(parameters, "StateMachineArn", "state machine", _machine, resources.machines)


def _named(
    parameters: Mapping[str, Any], field: str, kind: str, plain: Callable[[str], str], there: frozenset[str]
) -> Iterator[str]:
    if f"{field}.$" in parameters:
        yield f"Parameters.{field}.$ names its {kind} only when it runs, so nobody can look it up; write the name"
    elif field not in parameters:
        yield f"Parameters need {field}: which {kind} is called?"
    elif not _is_there(plain(parameters[field]), there):
        yield _absent(f"Parameters.{field}", parameters[field], kind, there)


def _is_there(called: str, there: frozenset[str]) -> bool:
    """Compare ARNs, or names if either is only a name."""
    same = (one for one in there if _last(one) == _last(called) and (":" in one) != (":" in called))
    return called in there or any(same)


def _absent(field: str, called: str, kind: str, there: frozenset[str]) -> str:
    near = next((one for one in sorted(there) if _last(one) == _last(_machine(_function(called)))), None)
    hint = f"there is {near}" if near else f"known ones: {', '.join(sorted(there)) or 'none'}"
    return f"{field} is {called}, but no such {kind} will be there ({hint}); correct the name or create it"


def _of_partition(state: State, partitions: set[str]) -> Iterator[str]:
    """`arn:aws:states:::...` does not exist in GovCloud."""
    own = str(state.body["Resource"]).split(":")[1]
    if partitions and own not in partitions:
        wanted = ", ".join(sorted(partitions))
        yield f"Resource {state.body['Resource']} is of partition {own}, the resources are of {wanted}; read it off an ARN"


def _function(arn: str) -> str:
    match = _FUNCTION.fullmatch(arn)
    return match[1] if match else arn


def _machine(arn: str) -> str:
    match = _MACHINE.fullmatch(arn)
    return match[1] if match else arn


def _last(arn: str) -> str:
    return arn.rsplit(":", 1)[-1]
