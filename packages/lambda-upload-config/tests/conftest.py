"""Archives made by hand, wrong in one place at a time, and a bucket that behaves like S3's."""

import struct
import zlib
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws

from local_aws.testing.calls import Calls
from upload_config import s3
from upload_config.events import Answer, parse
from upload_config.handler import run
from upload_config.uploads import Uploads

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

EVENT: dict[str, Any] = {
    "input": {"bucket": "in-bucket", "key": "a.zip"},
    "output": {"bucket": "out-bucket", "prefix": "p"},
}


class Forged:
    """One entry; every field of both headers can be set to something false."""

    def __init__(self, name: str | bytes, data: bytes = b"", **wrong: Any) -> None:
        raw = name.encode() if isinstance(name, str) else name
        self.wrong = wrong
        method = wrong.get("method", 8)
        engine = zlib.compressobj(9, zlib.DEFLATED, -15)
        self.body: bytes = wrong.get("body", engine.compress(data) + engine.flush() if method == 8 else data)
        self.fields: dict[str, Any] = {
            "name": raw,
            "flags": 0 if raw.isascii() else 0x800,
            "method": method,
            "crc": zlib.crc32(data),
            "compressed": len(self.body),
            "size": len(data),
            "extra": b"",
        } | {
            field: value for field, value in wrong.items() if field in {"flags", "crc", "compressed", "size"}
        }

    def local(self) -> bytes:
        """Header, data and what follows it; `local_<field>` differs from the central directory."""
        f = {field: self.wrong.get(f"local_{field}", value) for field, value in self.fields.items()}
        head = struct.pack(
            "<4s5H3L2H", b"PK\x03\x04", 20, f["flags"], f["method"], 0, 33, f["crc"], f["compressed"], f["size"],
            len(f["name"]), len(f["extra"]),
        )  # fmt: skip
        return bytes(
            self.wrong.get("before", b"")
            + head
            + f["name"]
            + f["extra"]
            + self.body
            + self.wrong.get("after", b"")
        )

    def central(self, offset: int) -> bytes:
        """The directory's entry; `central_extra`, `offset` and `mode` can be given."""
        f, extra = self.fields, self.wrong.get("central_extra", b"")
        return bytes(
            struct.pack(
                "<4s6H3L5H2L", b"PK\x01\x02", 0x031E, 20, f["flags"], f["method"], 0, 33, f["crc"],
                f["compressed"], f["size"], len(f["name"]), len(extra), 0, 0, 0,
                self.wrong.get("mode", 0o100644) << 16, self.wrong.get("offset", offset),
            ) + f["name"] + extra
        )  # fmt: skip


class Forge:
    """Puts entries together; `end` sets fields of the end record, `gap` bytes before the directory."""

    entry = Forged

    def __call__(self, *entries: Forged, gap: bytes = b"", comment: bytes = b"", **end: Any) -> bytes:
        data: bytes = end.pop("start", b"")
        offsets = []
        for entry in entries:
            offsets.append(len(data) + len(entry.wrong.get("before", b"")))
            data += entry.local()
        data += gap
        directory = b"".join(entry.central(offset) for entry, offset in zip(entries, offsets, strict=True))
        f = {
            "disk": 0,
            "count": len(entries),
            "size": len(directory),
            "offset": len(data),
            "disk_count": None,
        } | end
        record64 = f.pop("zip64", None)
        middle = b""
        if record64 is not None:
            g = {"count": len(entries), "size": len(directory), "offset": len(data)} | record64
            middle = struct.pack(
                "<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, g["count"], g["count"], g["size"], g["offset"]
            ) + struct.pack("<4sLQL", b"PK\x06\x07", 0, g.get("start", len(data) + len(directory)), 1)
        on_disk = f["count"] if f["disk_count"] is None else f["disk_count"]
        return data + directory + middle + struct.pack(
            "<4s4H2LH", b"PK\x05\x06", f["disk"], 0, on_disk, f["count"], f["size"], f["offset"], len(comment)
        ) + comment  # fmt: skip


@pytest.fixture(scope="session")
def forge() -> Forge:
    return Forge()


class Memory:
    """An archive and a target without S3: `objects` is what was written, `reads` which ranges were asked for."""

    def __init__(self, data: bytes, block: int = 1000) -> None:
        self._data = data
        self._block = block
        self.size = len(data)
        self.objects: dict[str, bytes] = {}
        self.reads: list[tuple[int, int]] = []

    def read(self, start: int, length: int) -> bytes:
        self.reads.append((start, length))
        assert start >= 0
        assert start + length <= self.size
        return self._data[start : start + length]

    def blocks(self, stop: int) -> Generator[bytes]:
        for start in range(0, stop, self._block):
            yield self.read(start, min(self._block, stop - start))

    def write(self, key: str, size: int, chunks: Iterable[bytes], uploads: Uploads) -> Future[bool]:
        self.objects[key] = b"".join(chunks)
        assert len(self.objects[key]) == size
        return uploads.start(size, lambda: True)

    def expand(self, event: dict[str, Any] | None = None, **environment: str) -> Answer:
        return run(parse(EVENT | (event or {}), environment), self, self)


@pytest.fixture(scope="session")
def memory() -> type[Memory]:
    return Memory


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator["S3Client"]:
    """An S3 client with the buckets `in-bucket` and `out-bucket`; the handler gets a client of the same account."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    for name in (
        "AWS_ENDPOINT_URL",
        "INPUT_BUCKET",
        "INPUT_KEY",
        "OUTPUT_BUCKET",
        "OUTPUT_PREFIX",
        "MAX_TOTAL_BYTES",
    ):
        monkeypatch.delenv(name, raising=False)
    with mock_aws():
        made = boto3.client("s3", region_name="us-east-1")
        made.create_bucket(Bucket="in-bucket")
        made.create_bucket(Bucket="out-bucket")
        s3.client.cache_clear()
        yield made
        s3.client.cache_clear()


@pytest.fixture
def calls(client: "S3Client") -> Calls:
    """Watches the client that the handler uses."""
    return Calls(s3.client())


@pytest.fixture
def objects(client: "S3Client") -> Callable[[], dict[str, bytes]]:
    """All objects of the bucket `out-bucket`, after checking that no multipart upload is left there."""

    def read() -> dict[str, bytes]:
        assert not client.list_multipart_uploads(Bucket="out-bucket").get("Uploads")
        pages = client.get_paginator("list_objects_v2").paginate(Bucket="out-bucket")
        keys = [found["Key"] for page in pages for found in page.get("Contents", [])]
        return {key: client.get_object(Bucket="out-bucket", Key=key)["Body"].read() for key in keys}

    return read
