"""Hooks in every changing AWS call of a deploy: the lock must be ours, and the call must be in the journal first.

`before-call` fires once per API call. Retries by botocore pass `before-send`, where the lock is checked
again, so that no retry is sent after the lock is lost.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

import boto3
from botocore.client import BaseClient
from botocore.hooks import BaseEventHooks

from deployer.guard.calls import Call, changes_something, target_of

_TARGET = "cars_target"


class Lock(Protocol):
    """Raises LockLost when no further call may be made."""

    def check(self) -> None: ...


class Log(Protocol):
    """Records each call before it is made, and how it ended."""

    def before(self, call: Call) -> int:
        """Returns when the call is recorded; `after` takes the number."""
        ...

    def after(self, number: int, error: BaseException | str | None) -> None: ...


@contextmanager
def guard(session: boto3.Session, made: Iterable[BaseClient], lock: Lock, log: Log) -> Iterator[None]:
    """Inside a `with` block no changing call of this session's clients passes without lock and log.

    `made` are the existing clients: each has its own copy of the session's handlers. Clients made inside get
    the handlers from the session; at the end all handlers stop to work.
    """
    hooks = _Hooks(lock, log)
    emitters: list[BaseEventHooks] = [session.events, *(client.meta.events for client in made)]
    for emitter in emitters:
        for event, handler in hooks.handlers():
            emitter.register_first(event, handler, unique_id=f"cars-guard-{id(hooks)}-{event}")
    try:
        yield
    finally:
        hooks.active = False
        for emitter in emitters:
            for event, handler in hooks.handlers():
                emitter.unregister(event, handler, unique_id=f"cars-guard-{id(hooks)}-{event}")


class _Hooks:
    def __init__(self, lock: Lock, log: Log) -> None:
        self.active = True
        self._lock = lock
        self._log = log
        self._number = f"cars_entry_{id(self)}"

    def handlers(self) -> list[tuple[str, Callable[..., None]]]:
        return [
            ("provide-client-params", self._parameters),
            ("before-call", self._before),
            ("before-send", self._attempt),
            ("after-call", self._after),
            ("after-call-error", self._failed),
        ]

    def _parameters(self, params: Mapping[str, Any], context: dict[str, Any], **_: Any) -> None:
        """The parameters are known by name only here; `before-call` sees the serialized request."""
        context[_TARGET] = target_of(params)

    def _before(self, model: Any, context: dict[str, Any], **_: Any) -> None:
        if self.active and changes_something(model.name):
            self._lock.check()
            call = Call(model.service_model.service_name, model.name, context.get(_TARGET, ""))
            context[self._number] = self._log.before(call)

    def _attempt(self, event_name: str, **_: Any) -> None:
        if self.active and changes_something(event_name.rpartition(".")[2]):
            self._lock.check()

    def _after(
        self, http_response: Any, parsed: Mapping[str, Any], context: dict[str, Any], **_: Any
    ) -> None:
        if self._number in context:
            failed = http_response.status_code >= 300
            self._log.after(
                context[self._number], str(parsed.get("Error", {}).get("Code", "")) if failed else None
            )

    def _failed(self, exception: BaseException, context: dict[str, Any], **_: Any) -> None:
        if self._number in context:
            self._log.after(context[self._number], exception)
