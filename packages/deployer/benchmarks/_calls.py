"""Calls of AWS APIs as they look on the wire: service, operation, and whether something is changed by them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

READS = (
    "Get",
    "List",
    "Head",
    "Describe",
    "Validate",
    "BatchGet",
    "Search",
    "Simulate",
    "Estimate",
    "Lookup",
)
_KEPT = 1 << 20  # bytes of a body that are kept; what is larger is code


@dataclass(frozen=True)
class Call:
    """One request: when it began and ended (seconds of one clock), and what was asked."""

    service: str
    operation: str
    path: str
    body: str
    began: float
    ended: float
    status: int

    @property
    def seconds(self) -> float:
        return self.ended - self.began

    @property
    def mutating(self) -> bool:
        method = self.operation.partition(" ")[0]
        return method not in {"GET", "HEAD"} and not self.operation.startswith(READS)

    @property
    def fields(self) -> Mapping[str, Any]:
        """The parameters of the request; empty where the body is no parameters."""
        if self.body.startswith("{"):
            found: Any = json.loads(self.body)
            return found if isinstance(found, dict) else {}
        return {name: values[0] for name, values in parse_qs(self.body).items()} if self.body else {}

    def __str__(self) -> str:
        return f"{self.service}:{self.operation}"


def call_of(
    method: str, target: str, headers: Mapping[str, str], body: bytes, span: tuple[float, float], status: int
) -> Call:
    """The call behind one HTTP request."""
    headers = {name.lower(): value for name, value in headers.items()}
    path = unquote(urlsplit(target).path)
    text = body.decode("utf-8", "replace") if len(body) < _KEPT and _is_text(headers) else ""
    operation = headers.get("x-amz-target", "").rpartition(".")[2] or _action(text) or f"{method} {path}"
    return Call(_service(headers), operation, path, text, *span, status)


def _is_text(headers: Mapping[str, str]) -> bool:
    kind = headers.get("content-type", "application/json")
    return "json" in kind or "form" in kind or "text" in kind


def _service(headers: Mapping[str, str]) -> str:
    """From the scope of the signature, `Credential=KEY/DATE/REGION/SERVICE/aws4_request`."""
    scope = re.search(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/", headers.get("authorization", ""))
    return scope.group(1) if scope else "unsigned"


def _action(text: str) -> str:
    found = re.match(r"(?:.*&)?Action=(\w+)", text)
    return found.group(1) if found else ""
