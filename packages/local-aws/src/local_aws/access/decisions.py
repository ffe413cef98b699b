"""What the endpoint decided about permissions, read from outside its process."""

import json
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass

from local_aws.access.evaluation import Grant
from local_aws.access.record import Delivery

PATH = "/_local/access"


@dataclass(frozen=True)
class Decided:
    """One permission that was asked for: by which role or user, with which condition keys, and what allowed it."""

    principal: str
    action: str
    resource: str
    allowed: bool
    context: Mapping[str, tuple[str, ...]]
    grants: tuple[Grant, ...]
    why: str = ""


@dataclass(frozen=True)
class Seen:
    """Decisions and deliveries since the record was reset last; equal ones once."""

    decided: tuple[Decided, ...]
    delivered: tuple[Delivery, ...]


@dataclass(frozen=True)
class DecisionRecord:
    """The record of one endpoint, by its URL."""

    endpoint_url: str

    def read(self) -> Seen:
        """What is in the record now."""
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
        """Forget everything."""
        request = urllib.request.Request(f"{self.endpoint_url}{PATH}", method="DELETE")  # noqa: S310 - ours
        urllib.request.urlopen(request).close()  # noqa: S310 - ours
