"""Answers of the Step Functions API: history in pages, stop dates, errors and causes of StopExecution."""

import base64
import binascii
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.stepfunctions.exceptions import InvalidToken
from moto.stepfunctions.parser.asl.utils.encoding import to_json_str
from moto.stepfunctions.responses import StepFunctionResponse

from local_aws.emulator.patching import replace

PAGE = 1000
DATA_KEYS = ("input", "inputDetails", "output", "outputDetails")


def install() -> None:
    """Replace three actions."""
    describe = StepFunctionResponse.describe_execution
    response = StepFunctionResponse
    replace(
        response,
        "describe_execution",
        describer(describe),
        reason="no stopDate for an execution that timed out; an output that is a string is no JSON",
    )
    replace(response, "get_execution_history", history, reason="copies and sends everything, every time")
    replace(response, "stop_execution", stop, reason="error and cause are dropped")


def describer(describe: Callable[[Any], ActionResult]) -> Callable[[Any], ActionResult]:
    """DescribeExecution with the stop date of every ended execution, and with output that is always JSON."""

    def describe_execution(self: Any) -> ActionResult:
        answer: Any = describe(self).result
        execution = self.stepfunction_backend.describe_execution(answer["executionArn"])
        if answer["status"] != "RUNNING" and execution.stop_date:
            answer["stopDate"] = execution.stop_date
        if answer["status"] == "SUCCEEDED":
            answer["output"] = to_json_str(execution.output, separators=(",", ":"))
        return ActionResult(answer)

    return describe_execution


def history(self: Any) -> str:
    """GetExecutionHistory: a page of events, from the start or (reverseOrder) from the end.

    Written as JSON here: moto's serializer takes a millisecond per event, which is seconds for a long history.
    """
    execution: Any = self.stepfunction_backend.describe_execution(self._get_param("executionArn"))
    env = execution.exec_worker.env
    events: list[Any] = [] if env is None else env.event_manager._history_event_list
    total = len(events)
    size = int(self._get_param("maxResults") or PAGE) or PAGE
    if self._get_param("reverseOrder"):
        end = from_token(self._get_param("nextToken"), total)
        start = max(0, end - size)
        page, left, following = events[start:end][::-1], start, start
    else:
        start = from_token(self._get_param("nextToken"), 0)
        page = events[start : start + size]
        left, following = total - start - len(page), start + len(page)
    if self._get_param("includeExecutionData") is False:
        page = [without_data(event) for event in page]
    answer: dict[str, Any] = {}
    if left > 0:
        answer["nextToken"] = base64.b64encode(f"event:{following}".encode()).decode()
    return json.dumps({**answer, "events": [on_the_wire(event) for event in page]})


def on_the_wire(event: dict[str, Any]) -> dict[str, Any]:
    """An event as the API sends it: its time in seconds."""
    return {**event, "timestamp": datetime.fromisoformat(event["timestamp"]).timestamp()}


def from_token(token: str | None, default: int) -> int:
    """The position in the history that a token encodes."""
    if not token:
        return default
    try:
        return int(base64.b64decode(token, validate=True).decode().removeprefix("event:"))
    except (binascii.Error, ValueError) as error:
        raise InvalidToken(f"'{token}'") from error


def without_data(event: dict[str, Any]) -> dict[str, Any]:
    """An event without its input and output."""
    return {
        key: {name: item for name, item in value.items() if name not in DATA_KEYS}
        if isinstance(value, dict)
        else value
        for key, value in event.items()
    }


def stop(self: Any) -> ActionResult:
    """StopExecution with error and cause."""
    execution: Any = self.stepfunction_backend.describe_execution(self._get_param("executionArn"))
    now = utcnow()
    if execution.status == "RUNNING":
        execution.stop(stop_date=now, error=self._get_param("error"), cause=self._get_param("cause"))
    return ActionResult({"stopDate": execution.stop_date or now})
