"""What the journal says about the last deploy: done, in flight, not begun; read by whoever comes next."""

import json
from dataclasses import dataclass
from typing import Any

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
        """For people; empty when the last deploy came to its end."""
        if not self.interrupted:
            return []
        return [
            f"the last deploy ({self.deploy}, {self.holder}, begun {self.began}) was killed; "
            f"its last entry is of {self.last_entry}; this one goes on from there",
            f"it had done: {', '.join(self.done) or 'nothing'}",
            f"it was in the middle of: {', '.join(self.begun) or 'nothing'}",
            f"calls begun whose end is not known: {', '.join(map(str, self.in_flight)) or 'none'}",
            f"it had not begun: {', '.join(self.not_begun) or 'nothing'}",
        ]


def read_journal(target: GuardObject) -> LastDeploy | None:
    """The last deploy, or None when there was none or the object is no journal: it informs, it decides nothing."""
    found = target.read()
    if found is None:
        return None
    try:
        return _told([json.loads(line) for line in found[0].decode().splitlines()])
    except (ValueError, KeyError, TypeError, IndexError):
        return None


def _told(entries: list[dict[str, Any]]) -> LastDeploy:
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
