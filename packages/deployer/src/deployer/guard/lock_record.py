"""Content of a lock object: its holder, since when, for how long; as JSON and as a sentence."""

import json
from dataclasses import asdict, dataclass, replace
from typing import Any

# S3 rounds both times of the comparison to seconds, and the clocks of its servers may differ.
GRACE_SECONDS = 5.0


@dataclass(frozen=True)
class Holder:
    """Who deploys, from where; `who` is the AWS identity, `user` the operating system's."""

    who: str
    user: str
    host: str
    pid: int
    build_url: str | None
    doing: str

    def __str__(self) -> str:
        build = f", build {self.build_url}" if self.build_url else ""
        return f"{self.who} ({self.user} on {self.host}, process {self.pid}{build})"


@dataclass(frozen=True)
class Record:
    """Content of the lock object; `token` identifies one owner, and `beat` makes every content, and so every ETag, new."""

    token: str
    holder: Holder
    lease_seconds: float
    beat: int = 0
    held_seconds: float = 0.0
    released: bool = False

    def beaten(self, held_seconds: float) -> "Record":
        return replace(self, beat=self.beat + 1, held_seconds=round(held_seconds, 1))


def as_json(record: Record) -> bytes:
    return f"{json.dumps(asdict(record), indent=1)}\n".encode()


def from_json(body: bytes) -> Record | None:
    """The record, or None when the object is something else."""
    try:
        return _record(json.loads(body))
    except (ValueError, KeyError, TypeError):
        return None


def _record(raw: dict[str, Any]) -> Record:
    holder = raw["holder"]
    build_url = holder.get("build_url")
    return Record(
        token=str(raw["token"]),
        holder=Holder(
            who=str(holder["who"]),
            user=str(holder["user"]),
            host=str(holder["host"]),
            pid=int(holder["pid"]),
            build_url=None if build_url is None else str(build_url),
            doing=str(holder["doing"]),
        ),
        lease_seconds=float(raw["lease_seconds"]),
        beat=int(raw["beat"]),
        held_seconds=float(raw["held_seconds"]),
        released=raw["released"] is True,
    )


@dataclass(frozen=True)
class Seen:
    """A lock object as it was read; `age_seconds` is S3's Date minus the object's Last-Modified."""

    etag: str
    record: Record | None
    age_seconds: float

    @property
    def is_free(self) -> bool:
        """Released, or not renewed for longer than its lease. A damaged one is never free: its lease is unknown."""
        record = self.record
        return record is not None and (
            record.released or self.age_seconds > record.lease_seconds + GRACE_SECONDS
        )

    def is_of(self, token: str) -> bool:
        return self.record is not None and self.record.token == token and not self.record.released

    def __str__(self) -> str:
        record = self.record
        if record is None:
            return f"a damaged lock object, written {span(self.age_seconds)} ago"
        if record.released:
            return f"released {span(self.age_seconds)} ago by {record.holder}"
        kept = f"last heartbeat {span(self.age_seconds)} ago"
        state = f"expired, {kept}" if self.is_free else f"{kept}, lease {span(record.lease_seconds)}"
        held = span(record.held_seconds + self.age_seconds)
        return f"{record.holder}: {record.holder.doing} for {held} ({state})"


def span(seconds: float) -> str:
    """A duration for people: `45 s`, `3 min 5 s`, `2 h 1 min`."""
    whole = max(0, round(seconds))
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
