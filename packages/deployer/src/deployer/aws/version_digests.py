"""Published versions by digest: AWS numbers versions, the description of each holds its digest."""

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

_STAMP = re.compile(r"cars:([0-9a-f]{16})\b.*", re.DOTALL)


def stamp(digest: str) -> str:
    """The description of a version that holds `digest`."""
    return f"cars:{digest}"


def digest_in(description: str | None) -> str | None:
    """The digest in the description of a version, None for one that somebody else published."""
    found = _STAMP.fullmatch(description or "")
    return found.group(1) if found else None


@dataclass
class Numbers:
    """Version numbers by digest, for each owner (a function, a machine); read once, thread-safe.

    Of two versions with the same digest the newer one counts. Returned mappings never change.
    """

    read: Callable[[str], Mapping[str, str]]
    _known: dict[str, Mapping[str, str]] = field(default_factory=dict)
    _locks: dict[str, threading.Lock] = field(default_factory=dict)

    def of(self, owner: str) -> Mapping[str, str]:
        """Numbers by digest."""
        with self._locks.setdefault(owner, threading.Lock()):
            if owner not in self._known:
                self._known[owner] = dict(self.read(owner))
            return self._known[owner]

    def digest(self, owner: str, number: str) -> str | None:
        """The digest of a numbered version, None when it is not ours."""
        return next((digest for digest, found in self.of(owner).items() if found == number), None)

    def note(self, owner: str, digest: str, number: str) -> None:
        """Adds a version that was just published, without reading it."""
        with self._locks.setdefault(owner, threading.Lock()):
            if owner in self._known:
                self._known[owner] = {**self._known[owner], digest: number}

    def forget(self, owner: str) -> None:
        """Drops what is known of an owner; the next access reads it again."""
        with self._locks.setdefault(owner, threading.Lock()):
            self._known.pop(owner, None)
