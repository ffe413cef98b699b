"""The endpoint's state machines in a container: each is made or changed there when an execution of it is to start."""

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from local_aws.errors import LocalAwsError


class MirrorError(LocalAwsError):
    """The container is not set up for this account."""


@dataclass(frozen=True, slots=True)
class Held:
    """What the container has: the machine that it stands for, and what it would run."""

    machine: Any
    definition: str
    role_arn: str


@dataclass(slots=True)
class Mirror:
    """`states` is a client of Step Functions in the container."""

    states: Any
    _held: dict[str, Held] = field(default_factory=dict)
    _locks: dict[str, threading.RLock] = field(default_factory=lambda: defaultdict(threading.RLock))

    @contextmanager
    def only(self, machine: Any) -> Iterator[None]:
        """One start of a machine at a time: between change and start nobody else may change it."""
        with self._locks[machine.arn]:
            yield

    def start(self, machine: Any, runs: Any, name: str, text: str, *, case: str = "") -> datetime:
        """Start an execution of what `runs` is now, under the ARN of `machine`; what runs already keeps its definition."""
        with self.only(machine):
            self._bring(machine, Held(machine, runs.definition, runs.roleArn))
            target = f"{machine.arn}#{case}" if case else machine.arn
            started = self.states.start_execution(stateMachineArn=target, name=name, input=text)
        moment: datetime = started["startDate"]
        return moment

    def _bring(self, machine: Any, wanted: Held) -> None:
        held = self._held.get(machine.arn)
        if held == wanted:
            return
        if held is not None and held.machine is machine:
            self.states.update_state_machine(
                stateMachineArn=machine.arn, definition=wanted.definition, roleArn=wanted.role_arn
            )
        else:
            self._make(machine, wanted, again=held is not None)
        self._held[machine.arn] = wanted

    def _make(self, machine: Any, wanted: Held, *, again: bool) -> None:
        if again:  # another machine of a name that was deleted
            self.states.delete_state_machine(stateMachineArn=machine.arn)
        made = self.states.create_state_machine(
            name=machine.name,
            definition=wanted.definition,
            roleArn=wanted.role_arn,
            type=machine.type or "STANDARD",
        )["stateMachineArn"]
        if made != machine.arn:
            raise MirrorError(
                f"the container makes {made} where {machine.arn} was wanted; it heeds no AWS_ACCOUNT_ID"
            )
