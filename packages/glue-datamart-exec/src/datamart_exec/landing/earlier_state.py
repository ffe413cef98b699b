"""The landing state of the pipeline before this one: which objects its notes name. Pure.

The notes' shape is not known: every text in them that ends in .parquet counts, be it a URI, a key or the end of one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from datamart_exec.landing.manifest import Entry, Outcome
from datamart_exec.landing.object_names import Landed
from datamart_exec.storage import StoredObject

REASON = "named in the notes of the pipeline before this one"


def named_keys(documents: Iterable[object], listed: Iterable[str]) -> tuple[frozenset[str], int]:
    """The listed keys that the documents name, and how many names in them fit no key, or several."""
    by_end: dict[str, list[str]] = {}
    for key in listed:
        parts = key.lower().split("/")
        for start in range(len(parts)):
            by_end.setdefault("/".join(parts[start:]), []).append(key)
    found: set[str] = set()
    unknown = 0
    for spellings in {each for document in documents for each in _names(document, "")}:
        fitting = [keys[0] for name in spellings if len(keys := by_end.get(name.lower(), [])) == 1]
        found |= set(fitting[:1])
        unknown += not fitting
    return frozenset(found), unknown


def _names(value: object, above: str) -> Iterator[tuple[str, ...]]:
    """The spellings of each name in a document: below the name of the object around it, maybe its table, and bare."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _names(name, above)
            yield from _names(each, str(value.get("table") or value.get("table_name") or name))
    elif isinstance(value, list):
        for each in value:
            yield from _names(each, above)
    elif isinstance(value, str) and value.lower().endswith(".parquet"):
        scheme, separator, rest = value.partition("://")
        name = (rest.partition("/")[2] if separator else scheme).strip("/")
        yield f"{above}/{name}", name


def entries(objects: Iterable[tuple[Landed, StoredObject]], named: frozenset[str]) -> dict[str, Entry]:
    """What is known of a table's objects by the notes: they were landed with the content that they have now."""
    return {
        stored.key: Entry(stored.key, stored.etag, stored.size, Outcome.LEGACY, landed.day, reason=REASON)
        for landed, stored in objects
        if stored.key in named
    }
