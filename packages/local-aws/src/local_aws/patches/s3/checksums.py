"""Checksums of S3 objects: stored and compared with the content.

moto 5.2.5 forgets a checksum that comes without the name of its algorithm, and takes a wrong one.
"""

from collections.abc import Callable
from typing import Any

from moto.s3.exceptions import S3ClientError
from moto.s3.responses import S3Response
from moto.s3.utils import compute_checksum

from local_aws.emulator.patching import replace

NAMED = "x-amz-sdk-checksum-algorithm"
COMPARED = ("SHA256", "SHA1", "CRC32")


class BadDigestError(S3ClientError):
    """The content does not match the checksum."""

    def __init__(self, algorithm: str) -> None:
        super().__init__("BadDigest", f"The {algorithm} you specified did not match the calculated checksum.")


def install() -> None:
    """Determine the algorithm, then compare."""
    find = S3Response._get_checksum
    replace(S3Response, "_get_checksum", comparing(find), reason="checksums are forgotten or taken unseen")


def comparing(find: Callable[..., tuple[str, str | None]]) -> Callable[..., tuple[str, str | None]]:
    """The algorithm and the checksum of a request's content."""

    def compared(self: Any, response_headers: dict[str, Any]) -> tuple[str, str | None]:
        algorithm, value = named_by_header(self.headers)
        if algorithm:
            response_headers[f"x-amz-checksum-{algorithm.lower()}"] = value
        else:
            algorithm, value = find(self, response_headers)
        if algorithm in COMPARED and value:
            content = self.body.encode() if isinstance(self.body, str) else bytes(self.body or b"")
            if value != compute_checksum(content, algorithm).decode():
                raise BadDigestError(algorithm)
        return algorithm, value

    return compared


def named_by_header(headers: Any) -> tuple[str, str | None]:
    """Algorithm and checksum of a request that names only the checksum; nothing for any other request."""
    if headers.get(NAMED):
        return "", None
    found = ((name, headers.get(f"x-amz-checksum-{name.lower()}")) for name in COMPARED)
    return next(((name, value) for name, value in found if value), ("", None))
