"""Joins blocks of text within a limit of characters."""

from collections.abc import Sequence
from dataclasses import dataclass

_GAP = "\n\n"
_NOTE_ROOM = 120


@dataclass(frozen=True)
class Block:
    """A piece of text and its short form; with an empty one it may be left out."""

    whole: str
    brief: str = ""


def fit(blocks: Sequence[Block], limit: int) -> str:
    """Joins blocks in order, the first ones in full, and says how many were shortened or left out."""
    room = limit - _NOTE_ROOM
    kept: list[str] = []
    cut = 0
    for block in blocks:
        found = next((text for text in (block.whole, block.brief) if len(text) + len(_GAP) <= room), "")
        cut += found != block.whole
        if found:
            kept.append(found)
            room -= len(found) + len(_GAP)
    if cut:
        kept.append(f"**{cut} parts of this plan are shortened or left out here; its JSON has all of them.**")
    return f"{_GAP.join(kept)}\n"
