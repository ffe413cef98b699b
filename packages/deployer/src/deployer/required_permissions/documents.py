"""Statements as policy documents within IAM's limit on their length; pure."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from deployer.required_permissions.grants import Grant

# Characters of a managed policy; IAM does not count white space (IAM User Guide, "IAM and AWS STS quotas").
LIMIT = 6144


@dataclass(frozen=True)
class Document:
    """One managed policy."""

    grants: tuple[Grant, ...]

    @property
    def content(self) -> Mapping[str, Any]:
        return {"Version": "2012-10-17", "Statement": [grant.as_statement() for grant in self.grants]}

    @property
    def text(self) -> str:
        """The document in one line, without white space between its parts."""
        return json.dumps(self.content, separators=(",", ":"))

    @property
    def characters(self) -> int:
        """Its length as IAM counts."""
        return len("".join(self.text.split()))

    @property
    def fits(self) -> bool:
        return self.characters <= LIMIT


def documents(grants: Iterable[Grant]) -> tuple[Document, ...]:
    """Documents filled by first fit, statements in their order."""
    found: list[Document] = []
    for grant in (piece for whole in grants for piece in _pieces(whole)):
        for index, document in enumerate(found):
            larger = Document((*document.grants, grant))
            if larger.fits:
                found[index] = larger
                break
        else:
            found.append(Document((grant,)))
    return tuple(found)


def _pieces(grant: Grant) -> Iterator[Grant]:
    """Splits a statement whose resources do not fit into one document; IAM checks each resource separately."""
    if Document((grant,)).fits or len(grant.resources) == 1:
        yield grant
        return
    middle = len(grant.resources) // 2
    for letter, resources in (("A", grant.resources[:middle]), ("B", grant.resources[middle:])):
        yield from _pieces(replace(grant, sid=f"{grant.sid}{letter}", resources=resources))
