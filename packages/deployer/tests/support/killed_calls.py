"""Killed deploys: from a chosen call on nothing of the process reaches AWS, and no answer reaches the process."""

import re
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from deployer.guard.calls import changes_something, target_of
from support.snapshots import DIGEST


class Side(Enum):
    """When the process dies: when a call is about to leave, or when its answer is about to arrive."""

    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, order=True)
class Boundary:
    """One changing call of a deploy: the `ordinal`-th of its operation on its target; names without the environment's."""

    service: str
    operation: str
    target: str
    ordinal: int = 1

    @property
    def kind(self) -> tuple[str, str]:
        """Calls of one kind: the same operation, on objects of the same folder."""
        folder = re.sub(r"<digest>.*|[^/]+$", "", self.target) if self.service == "s3" else ""
        return self.operation, self.target if self.is_of_the_guard else folder

    @property
    def is_of_the_guard(self) -> bool:
        """Whether lock or journal are written: how often depends on timing."""
        return self.target.endswith(("journal.jsonl", "lock.json"))

    def __str__(self) -> str:
        times = f" #{self.ordinal}" if self.ordinal > 1 else ""
        return f"{self.service} {self.operation} {self.target}{times}"


@dataclass(frozen=True)
class Target:
    """Where a deploy dies."""

    boundary: Boundary
    side: Side

    @property
    def is_of_the_guard(self) -> bool:
        return self.boundary.is_of_the_guard

    def __str__(self) -> str:
        return f"{self.side.value} {self.boundary}"


class Killed(BaseException):
    """The process is dead: nothing catches this and nothing cleans up."""


@dataclass
class Calls:
    """The changing calls of some clients in order, and where they are interrupted."""

    deploy_env: str
    made: list[Boundary] = field(default_factory=list)
    dead: bool = False
    _at: frozenset[Target] = frozenset()
    _met: list[Target] = field(default_factory=list)
    _counts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, act: Callable[[], None]) -> list[Boundary]:
        """The calls of an undisturbed act."""
        self.made.clear()
        self._counts.clear()
        act()
        return list(self.made)

    def killed(self, act: Callable[[], None], targets: Iterable[Target]) -> list[Target]:
        """Kills the act at the first of the targets that it reaches; returns where it died, nothing when it lived on.

        Calls are made side by side: a call under way when another kills the process loses its answer as well.
        """
        self._at = frozenset(targets)
        self._met.clear()
        self._counts.clear()
        try:
            act()
        except Killed:
            return list(self._met)
        finally:
            self._at, self.dead = frozenset(), False
        return []

    @contextmanager
    def watching(self, emitters: Iterable[Any]) -> Iterator["Calls"]:
        """Watches every call of the clients with these emitters."""
        handlers: list[tuple[str, Callable[..., None]]] = [
            ("provide-client-params", self._parameters),
            ("before-call", self._before),
            ("before-send", self._refuse_dead),
            ("after-call", self._after),
        ]
        heard = list(emitters)
        for emitter in heard:
            for event, handler in handlers:
                emitter.register(event, handler, unique_id=f"kill-{id(self)}-{event}")
        try:
            yield self
        finally:
            for emitter in heard:
                for event, handler in handlers:
                    emitter.unregister(event, handler, unique_id=f"kill-{id(self)}-{event}")

    def _parameters(self, params: Any, context: dict[str, Any], **_: Any) -> None:
        context["kill_target"] = target_of(params)

    def _before(self, model: Any, context: dict[str, Any], **_: Any) -> None:
        self._refuse_dead()
        if not changes_something(model.name):
            return
        boundary = self._boundary(
            model.service_model.service_name, model.name, context.get("kill_target", "")
        )
        context["kill_boundary"] = boundary
        self._die(Target(boundary, Side.BEFORE))
        self.made.append(boundary)

    def _refuse_dead(self, **_: Any) -> None:
        if self.dead:
            raise Killed

    def _after(self, context: dict[str, Any], **_: Any) -> None:
        if (boundary := context.get("kill_boundary")) is not None:
            self._die(Target(boundary, Side.AFTER))
        self._refuse_dead()

    def _die(self, here: Target) -> None:
        """The end of the process, if it is to die here."""
        if here in self._at:
            self.dead = True
            self._met.append(here)
            raise Killed

    def _boundary(self, service: str, operation: str, target: str) -> Boundary:
        for name in (self.deploy_env, self.deploy_env.lower()):
            target = target.replace(name, "ENV")
        key = service, operation, DIGEST.sub("<digest>", target)
        with self._lock:
            self._counts[key] += 1
            return Boundary(*key, self._counts[key])
