"""The time that machines wait: scaled real time, or virtual time that costs nothing.

moto 5.2.5 sleeps for real in Wait, between retries and until a time limit is over.
"""

import datetime
import random
import threading
import time
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
from moto.stepfunctions.parser.asl.component.common.retry.jitter_strategy_decl import (
    JitterStrategy,
    JitterStrategyDecl,
)
from moto.stepfunctions.parser.asl.component.program import program
from moto.stepfunctions.parser.asl.component.state import state
from moto.stepfunctions.parser.asl.component.state.exec import execute_state
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration import (
    inline_iteration_component,
    job,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_parallel import branch_worker, branches_decl
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import state_task_service_callback
from moto.stepfunctions.parser.asl.component.state.wait.wait_function import timestamp
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.wait_function import WaitFunction
from moto.stepfunctions.parser.asl.eval import environment
from moto.stepfunctions.parser.asl.eval.callback import callback
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.event import event_manager
from moto.stepfunctions.parser.backend import execution_worker

from local_aws.emulator.patching import replace
from local_aws.patches.stepfunctions import executions
from local_aws.simulation.virtual_clock import VirtualClock

THREADED = (
    program,
    execute_state,
    inline_iteration_component,
    job,
    branch_worker,
    branches_decl,
    environment,
    state_task_service_callback,
)
DATED = (event_manager, state, timestamp)
REASON = "waiting takes real time"


def install_scaled(scale: float) -> None:
    """Real time; Wait states and the delays of retries take `scale` times as long (time limits stay as they are)."""

    def sleep(seconds: float) -> None:
        time.sleep(seconds * scale)

    replace(retrier_decl, "time", SimpleNamespace(sleep=sleep), reason=REASON)
    wait = waiting(time.monotonic, lambda seconds: seconds * scale)
    replace(WaitFunction, "_wait_interval", wait, reason="a wait of less than a second never ends")


def install_virtual(clock: VirtualClock) -> None:
    """Simulated time everywhere: waits, retries, time limits, timestamps; jitter is the same in every run."""
    threads = SimpleNamespace(
        Thread=clock.thread,
        Event=clock.event,
        Lock=threading.Lock,
        RLock=threading.RLock,
        Condition=threading.Condition,
    )
    for module in THREADED:
        replace(module, "threading", threads, reason=REASON)
    for module in (execute_state, execution_worker):
        replace(module, "Thread", clock.thread, reason=REASON)
    replace(callback, "Event", clock.event, reason=REASON)
    replace(retrier_decl, "time", SimpleNamespace(sleep=clock.sleep), reason=REASON)
    looking = SimpleNamespace(sleep=lambda _: clock.look_again())
    replace(
        state_task_service_callback, "time", looking, reason="looks at a child thousands of times an hour"
    )
    for module in DATED:
        replace(
            module, "datetime", with_clock(clock.now), reason="events have the time of the machine's clock"
        )
    replace(executions, "now", clock.now, reason="executions begin and end at the time of their clock")
    worker: Any = execution_worker.ExecutionWorker
    begin = worker._execution_logic

    def begins(self: Any) -> None:
        self._execution_communication.execution.start_date = clock.now()
        begin(self)

    reason = "an execution begins when its thread does, not when it was asked for: time may have gone on"
    replace(worker, "_execution_logic", begins, reason=reason)
    wait = waiting(clock.monotonic, lambda seconds: seconds)
    replace(WaitFunction, "_wait_interval", wait, reason=REASON)
    replace(JitterStrategyDecl, "_eval_body", deterministic_jitter, reason="every run has other delays")


def waiting(clock: Callable[[], float], scaled: Callable[[float], float]) -> Callable[..., None]:
    """`WaitFunction._wait_interval`: until it is over or the execution is."""

    def wait_interval(self: WaitFunction, env: Environment, wait_seconds: float) -> None:
        until = clock() + scaled(wait_seconds)
        while env.is_running() and (left := until - clock()) > 0:
            env.program_state_event.wait(left)

    return wait_interval


def deterministic_jitter(self: JitterStrategyDecl, env: Environment) -> None:
    """A delay between 0 and the interval that depends on the state and the attempt alone."""
    if self.jitter_strategy == JitterStrategy.NONE:
        return
    interval = env.stack.pop()
    context: Any = env.states.context_object.context_object_data
    attempt = context["State"]["RetryCount"]
    draw = random.Random(f"{env.next_state_name} {attempt}")  # noqa: S311 - a delay, no secret
    env.stack.append(draw.uniform(0, interval))


def with_clock(now: Callable[[], datetime.datetime]) -> Any:
    """The module `datetime` with another clock."""

    class Datetime(datetime.datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return now().astimezone(tz) if tz else now().replace(tzinfo=None)

    module = ModuleType("datetime")
    vars(module).update({**vars(datetime), "datetime": Datetime})
    return module
