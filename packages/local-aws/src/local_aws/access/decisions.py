"""Reads the endpoint's record of authorization decisions from another process."""

import json
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass

from local_aws.access.evaluation import Grant
from local_aws.access.record import Delivery

PATH = "/_local/access"


@dataclass(frozen=True)
class Decided:
    """One decision: the role or user, the action and resource, the condition keys, and the statements that decided."""

    principal: str
    action: str
    resource: str
    allowed: bool
    context: Mapping[str, tuple[str, ...]]
    grants: tuple[Grant, ...]
    why: str = ""


@dataclass(frozen=True)
class Seen:
    """Decisions and deliveries since the last reset, without duplicates."""

    decided: tuple[Decided, ...]
    delivered: tuple[Delivery, ...]


@dataclass(frozen=True)
class DecisionRecord:
    """The record of one endpoint, by its URL."""

    endpoint_url: str

    def read(self) -> Seen:
        """The current content of the record."""
        with urllib.request.urlopen(f"{self.endpoint_url}{PATH}") as answer:  # noqa: S310 - ours
            found = json.load(answer)
        return Seen(
            tuple(
                Decided(
                    item["principal"],
                    item["action"],
                    item["resource"],
                    item["allowed"],
                    {key: tuple(values) for key, values in item["context"]},
                    tuple(Grant(**grant) for grant in item["grants"]),
                    item["why"],
                )
                for item in found["decisions"]
            ),
            tuple(Delivery(item["role"], item["what"], item["where"]) for item in found["deliveries"]),
        )

    def reset(self) -> None:
        """Delete all entries."""
        request = urllib.request.Request(f"{self.endpoint_url}{PATH}", method="DELETE")  # noqa: S310 - ours
        urllib.request.urlopen(request).close()  # noqa: S310 - ours
