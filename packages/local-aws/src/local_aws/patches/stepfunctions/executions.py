"""Executions: names, limits, final status, logging to CloudWatch, maps of any length."""

import json
import re
import secrets
import uuid
from datetime import datetime, timezone
from typing import Any

from moto.stepfunctions.exceptions import InvalidExecutionInput, InvalidName
from moto.stepfunctions.parser.api import ExecutionStatus, HistoryEventType
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.iteration_worker import (
    IterationWorker,
)
from moto.stepfunctions.parser.asl.eval.event.logging import is_logging_enabled_for
from moto.stepfunctions.parser.asl.eval.program_state import (
    ProgramEnded,
    ProgramError,
    ProgramStopped,
    ProgramTimedOut,
)
from moto.stepfunctions.parser.backend.execution import BaseExecutionWorkerCommunication, Execution
from moto.stepfunctions.parser.backend.execution_worker import ExecutionWorker
from moto.stepfunctions.parser.models import StepFunctionsParserBackend

from local_aws.emulator.account import Account
from local_aws.emulator.patching import replace
from local_aws.patches.stepfunctions.errors import LARGEST_STATE
from local_aws.patches.stepfunctions.targets import Target, target_of

NAME = re.compile(r"[^\s<>{}\[\]?*\"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f]{1,80}")


def install(account: Account | None) -> None:
    """Replace how executions start, end and iterate; without an account nothing is logged."""

    def start_execution(
        self: StepFunctionsParserBackend,
        state_machine_arn: str,
        name: str | None = None,
        execution_input: str | None = None,
        trace_header: str | None = None,
    ) -> Execution:
        target = target_of(self, state_machine_arn)
        name = checked_name(name)
        given = checked_input(execution_input)
        known = target.machine._handle_name_input_idempotency(name, given)
        if known is not None:
            return known  # type: ignore[no-any-return]
        execution = new_execution(self, target, name, given, account)
        target.machine.executions.append(execution)
        execution.start()
        return execution

    replace(
        StepFunctionsParserBackend,
        "start_execution",
        start_execution,
        reason="no default name, no limits, no log",
    )
    _make_environments_first()
    reason = "a reader may see the final status without output or error, and a timeout without its error"
    replace(BaseExecutionWorkerCommunication, "_reflect_execution_status", reflect_status, reason=reason)
    replace(
        IterationWorker,
        "_eval_pool",
        iterate,
        reason="recursion: a map of 1000 items one at a time overflows",
    )


def _make_environments_first() -> None:
    """An execution has its environment before its thread runs: it can be stopped as soon as its ARN is known."""
    worker: Any = ExecutionWorker
    made, begun = worker._get_evaluation_environment, worker.start

    def environment(self: ExecutionWorker) -> Any:
        return self.env or made(self)

    def start(self: ExecutionWorker) -> None:
        self.env = made(self)
        begun(self)

    reason = "StopExecution right after StartExecution fails"
    replace(ExecutionWorker, "_get_evaluation_environment", environment, reason=reason)
    replace(ExecutionWorker, "start", start, reason=reason)


def now() -> datetime:
    """The time at which executions begin and end."""
    return datetime.now(tz=timezone.utc)


def checked_name(name: str | None) -> str:
    """The execution's name; a UUID when none is given."""
    if name is None:
        return str(uuid.uuid4())
    if not NAME.fullmatch(name):
        raise InvalidName(f"Invalid Name: '{name}'")
    return name


def checked_input(text: str | None) -> str:
    """The execution's input, JSON of at most 262,144 bytes."""
    given = text or "{}"
    if len(given.encode()) > LARGEST_STATE:
        raise InvalidExecutionInput(
            f"Invalid State Machine Execution Input: larger than {LARGEST_STATE} bytes"
        )
    try:
        json.loads(given)
    except ValueError as error:
        raise InvalidExecutionInput(f"Invalid State Machine Execution Input: '{error}'") from error
    return given


def new_execution(backend: Any, target: Target, name: str, given: str, account: Account | None) -> Execution:
    """An execution of the target's current snapshot; its ARN never has a qualifier."""
    snapshot = target.snapshot()
    arn = f"{target.machine.arn.replace(':stateMachine:', ':execution:', 1)}:{name}"
    logging: Any = HistoryLog.of(account, snapshot, arn) if account else None
    execution: Any = Execution(
        name=name,
        sm_type=snapshot.sm_type,
        role_arn=snapshot.roleArn,
        exec_arn=arn,
        account_id=backend.account_id,
        region_name=backend.region_name,
        state_machine=snapshot,
        start_date=now(),
        cloud_watch_logging_session=logging,
        input_data=given,
        activity_store={},
    )
    execution.target = target
    return execution  # type: ignore[no-any-return]


def reflect_status(self: BaseExecutionWorkerCommunication) -> None:
    """Set output and error first and the status last: readers wait for the status."""
    execution: Any = self.execution
    state = execution.exec_worker.env.program_state()
    execution.stop_date = now()
    match state:
        case ProgramEnded():
            execution.output = execution.exec_worker.env.states.get_input()
            execution.exec_status = ExecutionStatus.SUCCEEDED
        case ProgramStopped():
            execution.error, execution.cause = state.error or None, state.cause or None
            execution.exec_status = ExecutionStatus.ABORTED
        case ProgramError():
            error: Any = state.error or {}
            execution.error, execution.cause = error.get("error"), error.get("cause")
            execution.exec_status = ExecutionStatus.FAILED
        case ProgramTimedOut():
            execution.error = "States.Timeout"
            execution.exec_status = ExecutionStatus.TIMED_OUT


def iterate(self: Any, job: Any, worker_frame: Any) -> None:
    """Process the items of a map one by one; the frame is closed before the last item is reported."""
    while job is not None:
        frame = worker_frame.open_inner_frame()
        self._eval_job(env=frame, job=job)
        worker_frame.close_frame(frame)
        failed = isinstance(job.job_output, Exception) or self.stopped()
        following = None if failed else self._job_pool.next_job()
        if following is None:
            if not failed:
                worker_frame.event_history_context.source_event_id = (
                    frame.event_history_context.last_published_event_id
                )
            self._env.close_frame(worker_frame)
        self._job_pool.close_job(job)
        if following is None:
            return
        job = following
    self._env.close_frame(worker_frame)


class HistoryLog:
    """Writes events to the log group of a state machine, in place of moto's session, which cannot."""

    def __init__(self, account: Account, group: str, stream: str, arn: str, settings: dict[str, Any]) -> None:
        self.execution_arn = arn
        self.configuration = self
        self.include_execution_data = bool(settings.get("includeExecutionData"))
        self._level = settings["level"]
        self._account = account
        self._group = group
        self._stream = stream

    def __deepcopy__(self, memo: Any) -> "HistoryLog":
        return self

    @classmethod
    def of(cls, account: Account, machine: Any, arn: str) -> "HistoryLog | None":
        """None when the machine's logging is off or has no destination."""
        settings = machine.loggingConfiguration or {}
        destinations = settings.get("destinations") or [{}]
        group_arn = destinations[0].get("cloudWatchLogsLogGroup", {}).get("logGroupArn", "")
        if settings.get("level", "OFF") == "OFF" or ":log-group:" not in group_arn:
            return None
        group = group_arn.split(":log-group:")[1].removesuffix(":*")
        hour = datetime.now(tz=timezone.utc).strftime("%Y-%m-%d-%H")
        return cls(account, group, f"states/{machine.name}/{hour}/{secrets.token_hex(4)}", arn, settings)

    def log_level_filter(self, history_event_type: HistoryEventType) -> bool:
        """Whether events of this type are logged at the machine's level."""
        return bool(is_logging_enabled_for(log_level=self._level, history_event_type=history_event_type))

    def publish_history_log(self, history_log: Any) -> None:
        """Write one event as a line of JSON."""
        line = json.dumps(dict(history_log), default=str, separators=(",", ":"))
        self._account.log(self._group, self._stream, [line])
