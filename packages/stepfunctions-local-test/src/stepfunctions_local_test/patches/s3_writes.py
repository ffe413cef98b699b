"""Conditional writes of S3 are atomic: moto looks and writes in two steps, and requests run in threads."""

import threading
from collections.abc import Callable
from typing import Any

from moto.s3.responses import S3Response

from stepfunctions_local_test.patches.patching import replace

REASON = "two writers with If-None-Match may both find no object"
CONDITIONS = ("If-Match", "If-None-Match")


def install() -> None:
    """Let one conditional write happen at a time."""
    lock = threading.Lock()

    def one_at_a_time(write: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(self: Any, *arguments: Any, **named: Any) -> Any:
            if any(self.headers.get(name) for name in CONDITIONS):
                with lock:
                    return write(self, *arguments, **named)
            return write(self, *arguments, **named)

        return guarded

    for name in ("put_object", "_key_response_post", "delete_object"):
        replace(S3Response, name, one_at_a_time(getattr(S3Response, name)), reason=REASON)
