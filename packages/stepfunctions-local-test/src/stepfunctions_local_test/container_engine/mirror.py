"""Mirrors the endpoint's state machines into a container: each is created or updated there before an execution starts."""

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
    """A machine in the container: the endpoint's machine, and the definition and role that it would run."""

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
        """Serialize starts of a machine: no thread may change it between update and start."""
        with self._locks[machine.arn]:
            yield

    def start(self, machine: Any, runs: Any, name: str, text: str, *, case: str = "") -> datetime:
        """Start an execution of `runs` under the ARN of `machine`; running executions keep their definition."""
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
                f"the container makes {made} where {machine.arn} was wanted; it ignores AWS_ACCOUNT_ID"
            )
