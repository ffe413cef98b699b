"""Invented words of the source: people, places, remarks, with the letters and signs of real text."""

from random import Random

USERS = ("jmarsh", "k.oduya", "josé.núñez", "T_Brandt", "zoë w.", "batch-578", "R&D\\import")
PLACES = (
    "North forty",
    "creek bottom",
    "old orchard",
    "Niño's corner",
    'the "L" field',
    "mill | race",
    "east\tof road",
)
REMARKS = (
    "  ",
    "",
    "résumé on file",
    "see map\nsheet 2",
    "\N{EAR OF RICE} test plot",
    "100% owner",
    "it's fenced",
)
TYPES = ("OP", "OW", "OT")  # business party types: operator, owner, other producer


def user(rng: Random) -> str:
    """The user who changed a row."""
    return rng.choice(USERS)


def description(rng: Random) -> str | None:
    """A tract description: absent, noisy or plain."""
    if rng.random() < 0.25:
        return None
    place = rng.choice(PLACES)
    remark = rng.choice(REMARKS)
    return f" {place}, {remark} " if rng.random() < 0.3 else place


def noisy(text: str, rng: Random) -> str:
    """The key text in another system's spelling: lower case, spaces around it."""
    return rng.choice((text.lower(), f" {text}", f"{text.lower()}  "))
