"""The result of an ended Glue job run: state data, or the failure of its task."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from moto.stepfunctions.parser.api import HistoryEventType
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEvent
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import StatesErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import (
    StatesErrorNameType,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_glue import (
    StateTaskServiceGlue,
)
from moto.stepfunctions.parser.asl.eval.environment import Environment


def as_state_data(run: Mapping[str, Any]) -> dict[str, Any]:
    """GetJobRun's answer as Step Functions puts it into state data: times are milliseconds."""
    return {
        key: int(value.timestamp() * 1000) if isinstance(value, datetime) else value
        for key, value in run.items()
    }


def task_failed(task: StateTaskServiceGlue, env: Environment, cause: str) -> FailureEvent:
    """The failure of a job run: States.TaskFailed with the job run as its cause."""
    details: Any = {
        "taskFailedEventDetails": {
            "resource": task._get_sfn_resource(),
            "resourceType": task._get_sfn_resource_type(),
            "error": StatesErrorNameType.StatesTaskFailed.to_name(),
            "cause": cause,
        }
    }
    return FailureEvent(
        env=env,
        error_name=StatesErrorName(typ=StatesErrorNameType.StatesTaskFailed),
        event_type=HistoryEventType.TaskFailed,
        event_details=details,
    )
