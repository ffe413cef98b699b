"""Runs a definition in moto's interpreter; Lambda and Glue are answered by a script, sleeps only take notes.

The interpreter is real (states, paths, intrinsics, retries, catches, history); only the last edge, the clients it
would call AWS with, is replaced. moto 5.2.5 needs one repair: `glue:startJobRun.sync` looks for a callback
endpoint that it never makes unless WaitForTaskToken is among the supported patterns.
"""

from __future__ import annotations

import functools
import io
import json
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import boto3
from botocore.exceptions import ClientError
from jsonpath_ng.ext.parser import parse as parse_path
from moto import mock_aws
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
from moto.stepfunctions.parser.asl.component.state.exec import execute_state
from moto.stepfunctions.parser.asl.component.state.exec.state_task import lambda_eval_utils
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (
    state_task_service_callback as callback,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (
    state_task_service_glue as glue_service,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.resource import ResourceCondition
from moto.stepfunctions.parser.asl.utils import json_path
from moto.stepfunctions.parser.models import stepfunctions_parser_backends

Answer = Callable[[dict[str, Any]], Any]


class LambdaError(Exception):
    """Raised by a scripted function: what the handler would have raised."""

    def __init__(self, error: str, message: str) -> None:
        super().__init__(message)
        self.payload = {"errorType": error, "errorMessage": message}


class ServiceError(Exception):
    """Raised by a scripted function or job: the AWS service itself refuses the call."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class JobFailed(Exception):  # noqa: N818 - reads as what happened
    """Raised by a scripted job: the run ended FAILED with this message."""


@dataclass
class World:
    """The functions by the end of their name, the Glue job, and everything that was called."""

    functions: dict[str, Answer]
    job: Answer
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    delays: list[float] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    running: int = 0
    most_running: int = 0

    def called(self, name: str) -> list[dict[str, Any]]:
        """The payloads or arguments that `name` got, in order; `glue` is the job."""
        return [payload for called, payload in self.calls if called == name]

    def note(self, name: str, payload: dict[str, Any]) -> None:
        with self.lock:
            self.calls.append((name, payload))


@dataclass(frozen=True)
class FakeLambda:
    """lambda.invoke as botocore answers it."""

    world: World

    def invoke(self, *, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803 - botocore's names
        name = next(key for key in self.world.functions if FunctionName.endswith(key))
        payload = json.loads(Payload)
        self.world.note(name, payload)
        try:
            answer = self.world.functions[name](payload)
        except LambdaError as error:
            return {"StatusCode": 200, "FunctionError": "Unhandled", "Payload": _body(error.payload)}
        except ServiceError as error:
            raise _refused(error, "Invoke") from None
        return {"StatusCode": 200, "ExecutedVersion": "$LATEST", "Payload": _body(answer)}


@dataclass(frozen=True)
class FakeGlue:
    """glue.start_job_run and get_job_run; the run is decided when it is started."""

    world: World
    ended: dict[str, dict[str, Any]]

    def start_job_run(self, *, JobName: str, Arguments: dict[str, Any]) -> dict[str, str]:  # noqa: N803
        with self.world.lock:
            self.world.running += 1
            self.world.most_running = max(self.world.most_running, self.world.running)
        run = f"jr_{uuid.uuid4().hex}"
        common = {"Id": run, "JobName": JobName, "Arguments": Arguments, "Attempt": 0}
        self.world.note("glue", Arguments)
        try:
            self.world.job(Arguments)
            self.ended[run] = {**common, "JobRunState": "SUCCEEDED"}
        except JobFailed as error:
            self.ended[run] = {**common, "JobRunState": "FAILED", "ErrorMessage": str(error)}
        except ServiceError as error:
            self._left()
            raise _refused(error, "StartJobRun") from None
        return {"JobRunId": run}

    def get_job_run(self, *, JobName: str, RunId: str) -> dict[str, Any]:  # noqa: N803
        time.sleep(0)  # let other iterations start, so that `most_running` means something
        self._left()
        return {"JobRun": self.ended[RunId]}

    def _left(self) -> None:
        with self.world.lock:
            self.world.running -= 1


def _body(value: Any) -> io.BytesIO:
    return io.BytesIO(json.dumps(value).encode())


def _refused(error: ServiceError, operation: str) -> ClientError:
    meta: Any = {"HTTPStatusCode": 400, "RequestId": "r"}
    return ClientError(
        {
            "Error": {"Code": error.code, "Message": f"{error.code} from {operation}"},
            "ResponseMetadata": meta,
        },
        operation,
    )


@dataclass(frozen=True)
class Execution:
    """How an execution ended, and its history."""

    status: str
    output: Any
    error: str | None
    cause: str | None
    history: list[dict[str, Any]]

    def entered(self) -> list[str]:
        """Names of the states, in the order they were entered."""
        details = (event.get("stateEnteredEventDetails") for event in self.history)
        return [detail["name"] for detail in details if detail]

    def data(self) -> Iterator[tuple[str, str]]:
        """(where, JSON text) of every piece of state data that the history shows."""
        for event in self.history:
            for details in event.values():
                if isinstance(details, Mapping):
                    for key in ("input", "output", "parameters"):
                        if isinstance(details.get(key), str):
                            yield f"{event['type']} {details.get('name', '')} {key}".strip(), details[key]

    def largest(self) -> tuple[int, str]:
        """Bytes and place of the largest state data."""
        return max((len(text.encode()), where) for where, text in self.data())


@contextmanager
def _edges(world: World, *, drop_cause: bool) -> Iterator[None]:
    clients = {"lambda": FakeLambda(world), "glue": FakeGlue(world, {})}

    def client_for(service: str, **_: Any) -> Any:
        return clients[service]

    clock = SimpleNamespace(sleep=world.delays.append, time=time.time)
    patterns = {ResourceCondition.Sync, ResourceCondition.WaitForTaskToken}
    made = execute_state.ExecutionState._construct_error_output_value

    def without_cause(*, failure_event: Any) -> Any:
        return {"Error": made(failure_event)["Error"]}

    parse = functools.cache(parse_path)  # 1,000 tables ask for the same few paths
    kept = without_cause if drop_cause else made
    with (
        patch.object(lambda_eval_utils, "boto_client_for", client_for),
        patch.object(glue_service, "boto_client_for", client_for),
        patch.object(glue_service, "_SUPPORTED_INTEGRATION_PATTERNS", patterns),
        patch.object(retrier_decl, "time", clock),
        patch.object(json_path, "parse", parse),
        patch.object(callback, "_DELAY_SECONDS_SYNC_CONDITION_CHECK", 0),
        patch.object(execute_state.ExecutionState, "_construct_error_output_value", staticmethod(kept)),
    ):
        yield


def run(
    definition: Mapping[str, Any],
    world: World,
    given: Any = None,
    *,
    drop_cause: bool = False,
    limit: float = 120,
) -> Execution:
    """Start `definition` with the input `given` and wait for its end; `drop_cause` leaves Cause out of errors."""
    with (
        mock_aws(config={"stepfunctions": {"execute_state_machine": True}}),
        _edges(world, drop_cause=drop_cause),
    ):
        sfn = boto3.client(
            "stepfunctions", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
        )
        arn = sfn.create_state_machine(
            name="edv", definition=json.dumps(definition), roleArn="arn:aws:iam::111122223333:role/sfn"
        )["stateMachineArn"]
        started = sfn.start_execution(
            stateMachineArn=arn, name="run-1", input=json.dumps({} if given is None else given)
        )["executionArn"]
        ended = _wait(sfn, started, limit)
        history = _history(started)
    output = json.loads(ended["output"]) if ended.get("output") else None
    return Execution(ended["status"], output, ended.get("error"), ended.get("cause"), history)


def _history(execution: str) -> list[dict[str, Any]]:
    """The events as the interpreter keeps them; to answer 10,000 of them over its API takes moto ten seconds."""
    _, _, _, region, account, *_ = execution.split(":")
    found: Any = stepfunctions_parser_backends[account][region].describe_execution(execution)
    return list(found.exec_worker.env.event_manager._history_event_list)


def _wait(sfn: Any, execution: str, limit: float) -> dict[str, Any]:
    until = time.monotonic() + limit
    pause = threading.Event()
    while time.monotonic() < until:
        found: dict[str, Any] = sfn.describe_execution(executionArn=execution)
        if found["status"] != "RUNNING":
            return found
        pause.wait(0.01)
    raise AssertionError(f"the execution was still running after {limit} s")
