"""The journal of a deploy: each call is recorded before it is made; one object, one writer at a time.

Each write replaces the object under the ETag of the write before. A deploy that lost its lock without noticing
cannot write any more, and makes no call that it cannot record: the journal is a second fence behind the lock.
"""

import json
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from deployer.errors import LockLost
from deployer.guard.calls import Call
from deployer.guard.lock_object import GuardObject

FINISHED, FAILED = "finished", "failed"


@dataclass
class _Change:
    """The change in progress on this thread, and the journal that recorded a call of it."""

    key: str
    journal: "Journal | None" = None


_change: ContextVar[_Change | None] = ContextVar("cars_change", default=None)


@contextmanager
def during(key: str) -> Iterator[None]:
    """Calls inside belong to this change; when it succeeds, the journal that recorded them records it as done."""
    change = _Change(key)
    token = _change.set(change)
    try:
        yield
    finally:
        _change.reset(token)
    if change.journal is not None:
        change.journal.done(key)


class Journal:
    """Entries of one deploy. `before` returns when its entry is written; waiting threads share one write."""

    def __init__(self, target: GuardObject, deploy: str, now: Callable[[], datetime]) -> None:
        self._object = target
        self._deploy = deploy
        self._now = now
        self._etag: str | None = None
        self._lines: list[str] = []
        self._durable = 0
        self._writing = False
        self._closed: str | None = None
        self._turn = threading.Condition()
        self.writes = 0

    @classmethod
    def begin(
        cls,
        target: GuardObject,
        last: str | None,
        deploy: str,
        planned: Sequence[str],
        holder: str,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> "Journal":
        """Replaces the journal of the last deploy, whose ETag is `last` (None: there is none).

        `planned` are the keys of the changes in the plan. The first call writes it: before that nothing
        has changed.
        """
        journal = cls(target, deploy, now)
        journal._etag = last
        journal._add("begin", token=uuid.uuid4().hex, holder=holder, planned=list(planned))
        return journal

    def before(self, call: Call) -> int:
        """Records the call. Raises LockLost when the journal is another deploy's."""
        change = _change.get()
        if change is not None:
            change.journal = self
        with self._turn:
            named = {"service": call.service, "operation": call.operation, "target": call.target}
            number = self._add("call", **named, change=change and change.key)
            self._wait_for(number)
        return number

    def after(self, number: int, error: BaseException | str | None) -> None:
        """Records how a call ended, with the next write."""
        with self._turn:
            self._add("ended", call=number, error=_name_of(error))

    def done(self, change: str) -> None:
        """Records that a change is done, with the next write."""
        with self._turn:
            self._add("done", change=change)

    def finish(self, status: str) -> None:
        """The last entry: `finished` or `failed`."""
        with self._turn:
            self._wait_for(self._add("end", status=status))

    def _add(self, event: str, **facts: Any) -> int:
        number = len(self._lines) + 1
        time = self._now().isoformat(timespec="milliseconds")
        known = {name: value for name, value in facts.items() if value is not None}
        entry = {"number": number, "time": time, "deploy": self._deploy, "event": event, **known}
        self._lines.append(json.dumps(entry, separators=(",", ":")))
        return number

    def _wait_for(self, number: int) -> None:
        """Waits, with `_turn` held, until the entry is written, by this thread or by another one."""
        while self._durable < number:
            if self._closed is not None:
                raise LockLost(self._closed)
            if self._writing:
                self._turn.wait()
            else:
                self._write_all()

    def _write_all(self) -> None:
        """Writes with `_turn` released, so that other threads can queue for the next write meanwhile."""
        self._writing = True
        lines = self._lines[:]
        self._turn.release()
        try:
            etag = self._written("\n".join(lines) + "\n")
        finally:
            self._turn.acquire()
            self._writing = False
            self._turn.notify_all()
        if etag is None:
            self._closed = (
                f"{self._object.url} is being written by another deploy, so the lock is no longer ours; "
                f"this call was not made and no other will be; check who deploys now, then run deploy again"
            )
        else:
            self._etag, self._durable = etag, len(lines)

    def _written(self, text: str) -> str | None:
        """The new ETag, or None when the object is another deploy's."""
        for _ in range(2):
            self.writes += 1
            etag = self._object.write(text.encode(), self._etag)
            if etag is not None:
                return etag
            # The answer to a write of ours was lost when the object still begins with our first line.
            found = self._object.read()
            if found is None or found[0].splitlines()[:1] != [self._lines[0].encode()]:
                return None
            self._etag = found[1]
        return None


def _name_of(error: BaseException | str | None) -> str | None:
    """Only the name of an error: its message may quote what was sent."""
    if isinstance(error, ClientError):
        return str(error.response.get("Error", {}).get("Code", ""))
    return type(error).__name__ if isinstance(error, BaseException) else error
