"""`current.json`: the release in force, every switch that led to it, and releases that are being pruned; pure.

The Lambda and the Glue job read only the key `release`.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sql_tree.release.contents import MANIFEST

# The object is read by every run that is not pinned yet, so it stays small.
MOST_SWITCHES = 200
# A prune ends itself long before; what it has marked for longer belongs to one that died.
LONGEST_PRUNE = timedelta(hours=1)
UNRECORDED = "unrecorded"


@dataclass(frozen=True)
class Switch:
    """When a release came into force, how (push, rollback, unrecorded), by whom, from which commit and build."""

    release: str
    at: str
    how: str
    by: str | None = None
    commit: str | None = None
    build_url: str | None = None


@dataclass(frozen=True)
class Pointer:
    """Content of `current.json` and the ETag it was read with (None: there is no pointer yet).

    `history` is oldest first; `removing` are releases that a prune deletes, and since when. `revision` counts writes: an
    ETag is a digest of the content, so the same content must not come back while somebody holds its ETag.
    """

    release: str | None
    etag: str | None
    files: int = 0
    history: tuple[Switch, ...] = ()
    removing: Mapping[str, str] = field(default_factory=dict)
    revision: int = 0

    def switched(self, switch: Switch, files: int) -> "Pointer":
        """The pointer after a switch."""
        left = {release: at for release, at in self.removing.items() if release != switch.release}
        history = (*self.history, switch)[-MOST_SWITCHES:]
        return self._next(release=switch.release, files=files, history=history, removing=left)

    def marked(self, releases: tuple[str, ...], now: datetime) -> "Pointer":
        """The pointer while these releases are deleted."""
        return self._next(removing={**self.removing, **dict.fromkeys(releases, text_of(now))})

    def unmarked(self, releases: tuple[str, ...]) -> "Pointer":
        """The pointer after they were deleted."""
        left = {release: at for release, at in self.removing.items() if release not in releases}
        return self._next(removing=left)

    def _next(self, **changes: Any) -> "Pointer":
        return replace(self, revision=self.revision + 1, **changes)

    def is_being_removed(self, release: str, now: datetime) -> bool:
        """Whether a prune that may still run deletes this release."""
        since = self.removing.get(release)
        return since is not None and now - moment_of(since) < LONGEST_PRUNE

    @property
    def previous(self) -> str | None:
        """The release that was in force before the current one."""
        others = (switch.release for switch in reversed(self.history) if switch.release != self.release)
        return next(others, None)

    def last_switch(self, release: str) -> Switch | None:
        """The last time that a release came into force."""
        return next((switch for switch in reversed(self.history) if switch.release == release), None)

    def last_push(self, release: str) -> Switch | None:
        """The last push of a release."""
        pushes = (item for item in reversed(self.history) if item.release == release and item.how == "push")
        return next(pushes, None)

    def out_of_force_since(self, release: str) -> datetime | None:
        """When a release was last replaced; None for the current one, and for one that never was in force."""
        last = [number for number, switch in enumerate(self.history) if switch.release == release]
        following = self.history[last[-1] + 1 :] if last else ()
        return moment_of(following[0].at) if following else None


def parse(text: bytes, etag: str, modified: datetime) -> Pointer:
    """The pointer in an object that was `modified` then; raises ValueError, KeyError or TypeError for a damaged one."""
    found = json.loads(text)
    release, history = str(found["release"]), tuple(Switch(**item) for item in found.get("history", ()))
    for switch in history:
        moment_of(switch.at)
    if not history or history[-1].release != release:
        # switched by hand, or by a deployer that kept no history
        history = (*history, Switch(release, text_of(modified), UNRECORDED))
    return Pointer(
        release=release,
        etag=etag,
        files=int(found.get("files", 0)),
        history=history,
        removing=dict(found.get("removing", {})),
        revision=int(found.get("revision", 0)),
    )


def dumped(pointer: Pointer) -> bytes:
    """JSON of the pointer."""
    content: dict[str, Any] = {
        "release": pointer.release,
        "manifest": f"releases/{pointer.release}/{MANIFEST}",
        "files": pointer.files,
        "revision": pointer.revision,
        "history": [asdict(switch) for switch in pointer.history],
    }
    if pointer.removing:
        content["removing"] = dict(pointer.removing)
    return f"{json.dumps(content, indent=1, sort_keys=True)}\n".encode()


def text_of(moment: datetime) -> str:
    """An instant as it is stored, for example `2026-06-01T09:30:12.123Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment_of(text: str) -> datetime:
    """The instant in such a text."""
    return datetime.fromisoformat(text).astimezone(UTC)
