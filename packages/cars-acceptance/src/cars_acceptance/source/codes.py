"""Codes of the source: status codes of acreage categories, and stable codes for published names."""

import hashlib
import re
from collections.abc import Iterable
from enum import Enum

from cars_acceptance.source.errors import SourceError

_BASE32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_DIGEST_CHARACTERS = 4
# Codes of FSA's handbook for common intended uses; other names get a derived code.
_KNOWN_USES = {
    "FORAGE": "FG",
    "FRESH": "FH",
    "GRAIN": "GR",
    "GRAZING": "GZ",
    "GREEN MANURE": "GM",
    "LEFT STANDING": "LS",
    "PROCESSED": "PR",
    "SEED": "SD",
    "SILAGE": "SG",
}
BLANK_USE = "BLANK"


class Status(str, Enum):
    """Planting primary status code of each published category of acres."""

    PLANTED = "PL"
    VOLUNTEER = "VO"
    FAILED = "FA"
    PREVENTED = "PP"
    NOT_PLANTED = "NP"


def canonical(name: str) -> str:
    """A name in the form for comparison: trimmed, single spaces, upper case."""
    return re.sub(r"\s+", " ", name.strip()).upper()


def type_code(name: str) -> str | None:
    """The code of a crop type; None for the empty type. Depends on the name alone."""
    return _derived(canonical(name)) if name.strip() else None


def use_code(name: str) -> str | None:
    """The code of an intended use; None for `Blank` and for an empty name. Depends on the name alone."""
    name = canonical(name)
    if name in ("", BLANK_USE):
        return None
    return _KNOWN_USES.get(name) or _derived(name)


def _derived(name: str) -> str:
    """Up to three initials and four characters of a digest: `SOFT RED WINTER` is `SRW-` and four more."""
    initials = "".join(word[0] for word in re.findall(r"[0-9A-Z]+", name))[:3] or "X"
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big")
    digits = [_BASE32[number >> (5 * place) & 31] for place in range(_DIGEST_CHARACTERS)]
    return f"{initials}-{''.join(digits)}"


class CodeBook:
    """Published names by code."""

    def __init__(self) -> None:
        self._names: dict[tuple[str, str], str] = {}

    def learn(self, kind: str, code: str | None, name: str) -> None:
        """Add a name; raises SourceError when another name of the same kind has this code."""
        known = self._names.setdefault((kind, code or ""), name)
        if canonical(known) != canonical(name):
            raise SourceError(
                f"{kind} names {known!r} and {name!r} have the same code {code!r}; rename one of them"
            )

    def name(self, kind: str, code: str | None) -> str:
        """The published name of a code, or the code when it is unknown."""
        return self._names.get((kind, code or ""), code or "")

    def entries(self) -> Iterable[tuple[str, str, str]]:
        """(kind, code, name), sorted; the empty code stands for NULL."""
        return sorted((kind, code, name) for (kind, code), name in self._names.items())
