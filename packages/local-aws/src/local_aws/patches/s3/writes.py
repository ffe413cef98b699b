"""Atomic conditional writes of S3: moto checks and writes in two steps, and requests run in threads."""

import threading
from collections.abc import Callable
from typing import Any

from moto.s3.responses import S3Response
from werkzeug.datastructures import Headers

from local_aws.emulator.patching import replace

REASON = "two writers with If-None-Match may both find no object"
ACTIONS = ("put_object", "copy_object", "_key_response_post", "delete_object")
STRIPES = 64


def install() -> None:
    """Serialise all writes of a key."""
    locks = [threading.RLock() for _ in range(STRIPES)]

    def locking_key(write: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(self: Any, *arguments: Any, **named: Any) -> Any:
            with locks[hash((self.bucket_name, self.parse_key_name())) % STRIPES]:
                return write(self, *arguments, **named)

        return guarded

    delete = S3Response.delete_object
    replace(S3Response, "delete_object", accepting_any_etag(delete), reason="If-Match: * matches no object")
    for name in ACTIONS:
        replace(S3Response, name, locking_key(getattr(S3Response, name)), reason=REASON)


def accepting_any_etag(delete: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """DeleteObject that accepts `*` as the ETag of any existing object."""

    def delete_object(self: Any) -> Any:
        if self.headers.get("If-Match") == "*":
            found = self.backend.get_object(self.bucket_name, self.parse_key_name())
            if found:
                self.headers = Headers(list(self.headers.items()))
                self.headers.set("If-Match", found.etag)
        return delete(self)

    return delete_object
