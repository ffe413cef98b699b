"""Reads access key and scope of a request's signature. The signature itself is not verified."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl


@dataclass(frozen=True, slots=True)
class Signature:
    """Access key, session token, and the scope of the signature."""

    key: str
    token: str | None
    region: str
    service: str


def signature_of(environ: Mapping[str, Any]) -> Signature | None:
    """The signature in the Authorization header or in the query of a presigned URL; None without one."""
    header = environ.get("HTTP_AUTHORIZATION", "")
    _, found, rest = header.partition("Credential=")
    if found:
        return _scoped(rest.partition(",")[0].strip(), environ.get("HTTP_X_AMZ_SECURITY_TOKEN"))
    if "X-Amz-Credential" in environ.get("QUERY_STRING", ""):
        query = dict(parse_qsl(environ["QUERY_STRING"]))
        return _scoped(query.get("X-Amz-Credential", ""), query.get("X-Amz-Security-Token"))
    return None


def _scoped(credential: str, token: str | None) -> Signature | None:
    parts = credential.rsplit("/", 4)
    if len(parts) != 5:
        return None
    return Signature(parts[0], token, parts[2], parts[3].lower())
