"""The list of config releases as lines of text and as JSON; pure."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from rich.text import Text

from deployer.config_release.inventory import Inventory, StoredRelease
from deployer.config_release.pointer import Pointer, text_of

_INDENT = " " * 8
Pinned = Mapping[str, tuple[str, ...]]


def config_release_lines(found: Inventory, pinned: Pinned) -> Iterator[Text]:
    """Two lines per release, the live one first, then the one that was in force last, and so on."""
    if not found.releases:
        yield Text("no config release yet; nox -s configs -- push ENV makes the first")
    for stored in found.releases:
        yield from _lines(stored, found.pointer, pinned.get(stored.release, ()))


def config_release_documents(found: Inventory, pinned: Pinned) -> list[dict[str, Any]]:
    """The same as JSON data; `switches` are all times that the release came into force, oldest first."""
    return [
        {
            "release": stored.release,
            "live": stored.release == found.pointer.release,
            "complete": stored.is_complete,
            "files": stored.files,
            "tables": stored.tables,
            "written": text_of(stored.modified),
            "switches": [
                asdict(switch) for switch in found.pointer.history if switch.release == stored.release
            ],
            "pinnedBy": list(pinned.get(stored.release, ())),
        }
        for stored in found.releases
    ]


def _lines(stored: StoredRelease, pointer: Pointer, runs: tuple[str, ...]) -> Iterator[Text]:
    is_live = stored.release == pointer.release
    mark = "live  " if is_live else "      "
    yield Text(f"{stored.release}  {mark}{_when(stored, pointer)}", style="bold green" if is_live else "")
    pushed = pointer.last_push(stored.release)
    parts = [f"{stored.files} files, {stored.tables} tables" if stored.is_complete else stored.state]
    parts += [f"commit {pushed.commit}"] if pushed and pushed.commit else []
    parts += ["being pruned"] if stored.release in pointer.removing else []
    parts += [f"running: {', '.join(runs)}"] if runs else []
    yield Text(f"{_INDENT}{'; '.join(parts)}", style="dim")


def _when(stored: StoredRelease, pointer: Pointer) -> str:
    switch = pointer.last_switch(stored.release)
    if switch is None:
        return f"{_shown(text_of(stored.modified))}  not in the history"
    return f"{_shown(switch.at)}  {switch.how}" + (f"  by {switch.by}" if switch.by else "")


def _shown(at: str) -> str:
    return at[:19].replace("T", " ")
