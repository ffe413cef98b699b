"""Reads from a definition what it calls, so that its role may call that and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Permissions:
    """The ARNs of the Lambda functions (lambda:InvokeFunction) and the names of the Glue jobs that a machine calls.

    A `.sync` Glue call needs glue:StartJobRun, GetJobRun, GetJobRuns and BatchStopJobRun on the job.
    """

    functions: tuple[str, ...]
    glue_jobs: tuple[str, ...]


def permissions(definition: Mapping[str, Any]) -> Permissions:
    """The functions and jobs of the tasks of `definition`, also inside maps, sorted."""
    functions: set[str] = set()
    jobs: set[str] = set()
    for task in _tasks(definition):
        parameters = task["Parameters"]
        functions.update(filter(None, [parameters.get("FunctionName")]))
        jobs.update(filter(None, [parameters.get("JobName")]))
    return Permissions(functions=tuple(sorted(functions)), glue_jobs=tuple(sorted(jobs)))


def _tasks(level: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for state in level["States"].values():
        if state["Type"] == "Task":
            yield state
        elif state["Type"] == "Map":
            yield from _tasks(state["ItemProcessor"])
