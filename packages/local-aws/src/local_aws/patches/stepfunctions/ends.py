"""The end of an execution is the end of its history, and a time limit ends it at once.

moto 5.2.5 writes ExecutionTimedOut when the state that was running is over, and what threads do that nobody waits for any
more is written behind the end.
"""

from collections.abc import Callable
from typing import Any

from moto.stepfunctions.parser.api import ExecutionTimedOutEventDetails, HistoryEventType
from moto.stepfunctions.parser.asl.component.program.program import Program
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails
from moto.stepfunctions.parser.asl.eval.event.event_manager import EventManager
from moto.stepfunctions.parser.asl.eval.program_state import ProgramTimedOut

from local_aws.emulator.patching import replace

LAST = frozenset(
    {
        HistoryEventType.ExecutionSucceeded,
        HistoryEventType.ExecutionFailed,
        HistoryEventType.ExecutionAborted,
        HistoryEventType.ExecutionTimedOut,
    }
)


def install() -> None:
    """Replace the run of a program and the recording of events."""
    replace(
        Program,
        "eval",
        evaluating_with_timeout(Program.eval),
        reason="the end of a timed out execution comes late",
    )
    publish, log = EventManager._publish_history_event, EventManager._publish_history_log
    reason = "events after the last one"
    replace(EventManager, "_publish_history_event", publishing_until_end(publish), reason=reason)
    replace(EventManager, "_publish_history_log", logging_until_end(log), reason=reason)


def evaluating_with_timeout(
    run: Callable[[Program, Environment], None],
) -> Callable[[Program, Environment], None]:
    """`Program.eval` with the event of a time limit."""

    def eval_program(self: Program, env: Environment) -> None:
        run(self, env)
        if not env.is_frame() and isinstance(env.program_state(), ProgramTimedOut):
            details: Any = EventDetails(  # type: ignore[typeddict-item]  # one of many
                executionTimedOutEventDetails=ExecutionTimedOutEventDetails()
            )
            context, timed_out = env.event_history_context, HistoryEventType.ExecutionTimedOut
            env.event_manager.add_event(context=context, event_type=timed_out, event_details=details)

    return eval_program


def publishing_until_end(publish: Callable[..., None]) -> Callable[..., None]:
    """`_publish_history_event`, called under the lock of the manager, for events up to the last one."""

    def publish_event(self: Any, **event: Any) -> None:
        held = self._history_event_list
        self.ended = bool(held) and held[-1]["type"] in LAST
        if not self.ended:
            publish(self, **event)

    return publish_event


def logging_until_end(log: Callable[..., None]) -> Callable[..., None]:
    """`_publish_history_log`, which follows the other, of what has become part of the history."""

    def publish_log(self: Any, **event: Any) -> None:
        if not self.ended:
            log(self, **event)

    return publish_log
