"""Contents of S3 objects without copies: moto copies the whole object for every range that is read.

Above 16 MB it even reads it from a file each time; a gigabyte read in ranges of 8 MB is 128 GB of reading.
"""

import io
from typing import Any

from moto.s3.models import FakeKey

from local_aws.emulator.patching import replace

REASON = "every ranged GET copies the whole object, from a file when it has more than 16 MB"


def install() -> None:
    """Return the content itself for every read of a range."""
    replace(FakeKey, "value", property(content, keep), reason=REASON)


def content(key: Any) -> bytes:
    """The content, shared with its buffer without a copy and independent of the buffer's position."""
    value: bytes = key._value_buffer.getvalue()
    return value


def keep(key: Any, new: bytes | bytearray | str) -> None:
    """Replace the content."""
    raw = new.encode() if isinstance(new, str) else new
    key._value_buffer.close()
    key._value_buffer = io.BytesIO(raw)
    key.contentsize = len(raw)
