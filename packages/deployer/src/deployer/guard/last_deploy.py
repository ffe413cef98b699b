"""The last deploy according to its journal: what it had done, what was in flight, what it had not begun."""

import json
from dataclasses import dataclass
from typing import Any

from deployer.errors import LockError
from deployer.guard.calls import Call
from deployer.guard.lock_object import GuardObject


@dataclass(frozen=True)
class LastDeploy:
    """`status` is None for a deploy that was killed: it never wrote its end."""

    deploy: str
    holder: str
    began: str
    last_entry: str
    status: str | None
    planned: tuple[str, ...]
    done: tuple[str, ...]
    begun: tuple[str, ...]
    in_flight: tuple[Call, ...]

    @property
    def interrupted(self) -> bool:
        return self.status is None

    @property
    def not_begun(self) -> tuple[str, ...]:
        return tuple(key for key in self.planned if key not in self.done and key not in self.begun)

    def lines(self) -> list[str]:
        """For people; empty when the last deploy finished or failed."""
        if not self.interrupted:
            return []
        return [
            f"warning: the last deploy ({self.deploy}, {self.holder}, begun {self.began}) was killed; "
            f"its last journal entry is of {self.last_entry}; the next deploy continues from there",
            f"killed deploy, done: {', '.join(self.done) or 'nothing'}",
            f"killed deploy, in progress: {', '.join(self.begun) or 'nothing'}",
            f"killed deploy, calls without a known result: {', '.join(map(str, self.in_flight)) or 'none'}",
            f"killed deploy, not begun: {', '.join(self.not_begun) or 'nothing'}",
        ]


@dataclass(frozen=True)
class Last:
    """The journal at one time: its ETag (None: there was none), and the deploy that it describes."""

    etag: str | None = None
    deploy: LastDeploy | None = None

    @property
    def interrupted(self) -> bool:
        """Whether the last deploy was killed."""
        return self.deploy is not None and self.deploy.interrupted

    @property
    def notes(self) -> tuple[str, ...]:
        """What to know before the next deploy."""
        return tuple(self.deploy.lines()) if self.deploy else ()


def last_seen(target: GuardObject) -> Last:
    """The journal now. An unreadable one counts as none: a plan does not need it, and a deploy fails when it writes it."""
    try:
        found = target.read()
    except LockError:
        return Last()
    return Last() if found is None else Last(found[1], parsed(found[0]))


def parsed(text: bytes) -> LastDeploy | None:
    """Parses a journal; None when the text is no journal."""
    try:
        return _parsed([json.loads(line) for line in text.decode().splitlines()])
    except (ValueError, KeyError, TypeError, IndexError):
        return None


def _parsed(entries: list[dict[str, Any]]) -> LastDeploy:
    first = entries[0]
    ended = {entry["call"] for entry in entries if entry["event"] == "ended"}
    calls = [entry for entry in entries if entry["event"] == "call"]
    done = tuple(entry["change"] for entry in entries if entry["event"] == "done")
    touched = dict.fromkeys(entry["change"] for entry in calls if entry.get("change"))
    status = [entry["status"] for entry in entries if entry["event"] == "end"]
    return LastDeploy(
        deploy=first["deploy"],
        holder=first["holder"],
        began=first["time"],
        last_entry=entries[-1]["time"],
        status=status[-1] if status else None,
        planned=tuple(first["planned"]),
        done=done,
        begun=tuple(key for key in touched if key not in done),
        in_flight=tuple(
            Call(entry["service"], entry["operation"], entry["target"])
            for entry in calls
            if entry["number"] not in ended
        ),
    )
