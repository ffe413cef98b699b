"""S3: reads one archive by ranges, always the same content, and writes objects whole or not at all."""

from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from functools import cache, partial
from hashlib import sha256
from typing import TYPE_CHECKING

from upload_config.errors import ArchiveChanged, ArchiveRefused, S3Failed
from upload_config.uploads import Uploads

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

HELD_BYTES = 16 * 1024 * 1024
"""An archive up to this size is read once and kept in memory; a larger one is read twice, in blocks."""

BLOCK_BYTES = 4 * 1024 * 1024
BLOCKS_AHEAD = 4
PART_BYTES = 8 * 1024 * 1024
"""A larger member is a multipart upload with parts of at least this size."""

_READ_BYTES = 1024 * 1024
_MAX_PARTS = 9_000
_MISSING = {"NoSuchKey", "NoSuchVersion", "404"}
_CONDITION = {"PreconditionFailed", "412"}


@cache
def client() -> "S3Client":
    """The function's client, made on first use, because importing boto3 takes longer than the rest of the start."""
    import boto3
    from botocore.config import Config

    return boto3.client(
        "s3",
        config=Config(
            connect_timeout=5,
            read_timeout=30,
            retries={"mode": "standard", "total_max_attempts": 4},
            max_pool_connections=32,
            tcp_keepalive=True,
        ),
    )


class _Condition(S3Failed):
    """S3 answered that If-Match or If-None-Match does not hold."""


class _Missing(S3Failed):
    """S3 answered that the object does not exist."""


@contextmanager
def _named(call: str, bucket: str, key: str) -> Iterator[None]:
    """Raise botocore's errors as ours, which name the call and the object."""
    from botocore.exceptions import BotoCoreError, ClientError
    from urllib3.exceptions import HTTPError

    where = f"{call} s3://{bucket}/{key}"
    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        kind = _Condition if code in _CONDITION else _Missing if code in _MISSING else S3Failed
        raise kind(f"{where} failed: {error}") from error
    except (BotoCoreError, HTTPError, OSError) as error:
        raise S3Failed(f"{where} failed: {type(error).__name__}: {error}") from error


class Archive:
    """One object. The ETag of the first request pins it, so that every read is of the same content."""

    def __init__(self, s3: "S3Client", bucket: str, key: str) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._key = key
        self._held: bytes | None = None
        try:
            with _named("HeadObject", bucket, key):
                head = s3.head_object(Bucket=bucket, Key=key)
        except _Missing as error:
            raise ArchiveRefused(
                f"s3://{bucket}/{key} does not exist; check input.bucket and input.key"
            ) from error
        self.size = head["ContentLength"]
        self._etag = head["ETag"]

    def read(self, start: int, length: int) -> bytes:
        """Exactly these bytes; raises ArchiveChanged when the object has changed since the first request."""
        if self.size > HELD_BYTES:
            return self._get(start, length)
        if self._held is None:
            self._held = self._get(0, self.size)
        return self._held[start : start + length]

    def blocks(self, stop: int) -> Generator[bytes]:
        """The bytes from 0 to `stop`, in order, a few blocks ahead of the reader."""
        if self.size <= HELD_BYTES:
            yield self.read(0, stop)
            return
        waiting: deque[Future[bytes]] = deque()
        with ThreadPoolExecutor(BLOCKS_AHEAD, thread_name_prefix="read") as pool:
            try:
                for start in range(0, stop, BLOCK_BYTES):
                    if len(waiting) == BLOCKS_AHEAD:
                        yield waiting.popleft().result()
                    waiting.append(pool.submit(self._get, start, min(BLOCK_BYTES, stop - start)))
                while waiting:
                    yield waiting.popleft().result()
            finally:
                for future in waiting:
                    future.cancel()

    def _get(self, start: int, length: int) -> bytes:
        if not length:
            return b""
        try:
            with _named("GetObject", self._bucket, self._key):
                found = self._s3.get_object(
                    Bucket=self._bucket,
                    Key=self._key,
                    IfMatch=self._etag,
                    Range=f"bytes={start}-{start + length - 1}",
                )
                data = found["Body"].read()
        except (_Condition, _Missing) as error:
            raise ArchiveChanged(
                f"s3://{self._bucket}/{self._key} was replaced or deleted while it was being read; run again"
            ) from error
        if len(data) != length:
            raise ArchiveChanged(
                f"s3://{self._bucket}/{self._key} gave {len(data)} of {length} bytes; run again"
            )
        return data


class Target:
    """The output bucket. An object that exists is replaced when its content differs; `keep_existing` leaves it alone.

    The first write of every object is on the condition that there is none (`If-None-Match: *`): S3 decides, and asking
    first would need `s3:ListBucket`.
    """

    def __init__(self, s3: "S3Client", bucket: str, *, keep_existing: bool) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._keep_existing = keep_existing

    def write(self, key: str, size: int, chunks: Iterable[bytes], uploads: Uploads) -> Future[bool]:
        """Start writing an object of `size` bytes. The result is False when nothing was written.

        All chunks are read before this returns. A large object is complete then; a small one is still being uploaded.
        """
        if size <= PART_BYTES:
            body = b"".join(chunks)
            return uploads.start(len(body), partial(self._put, key, body))
        written: Future[bool] = Future()
        written.set_result(self._put_parts(key, size, chunks, uploads))
        return written

    def _put(self, key: str, body: bytes) -> bool:
        try:
            with _named("PutObject", self._bucket, key):
                self._s3.put_object(Bucket=self._bucket, Key=key, Body=body, IfNoneMatch="*")
        except _Condition:
            if self._is_to_stay(key, len(body), sha256(body).digest()):
                return False
            with _named("PutObject", self._bucket, key):
                self._s3.put_object(Bucket=self._bucket, Key=key, Body=body)
        return True

    def _is_to_stay(self, key: str, size: int, digest: bytes) -> bool:
        """True when the existing object is kept, or has this content. One that was deleted meanwhile is written."""
        if self._keep_existing:
            return True
        try:
            with _named("GetObject", self._bucket, key):
                found = self._s3.get_object(Bucket=self._bucket, Key=key)
                if found["ContentLength"] != size:
                    found["Body"].close()
                    return False
                content = sha256()
                for chunk in found["Body"].iter_chunks(_READ_BYTES):
                    content.update(chunk)
        except _Missing:
            return False
        return content.digest() == digest

    def _put_parts(self, key: str, size: int, chunks: Iterable[bytes], uploads: Uploads) -> bool:
        """Upload in parts. S3 looks for an existing object at the end."""
        with _named("CreateMultipartUpload", self._bucket, key):
            upload_id = self._s3.create_multipart_upload(Bucket=self._bucket, Key=key)["UploadId"]
        parts: list[Future[CompletedPartTypeDef]] = []
        content = sha256()
        try:
            for body in _parts(chunks, max(PART_BYTES, -(-size // _MAX_PARTS))):
                content.update(body)
                send = partial(self._send, key, upload_id, len(parts) + 1, body)
                parts.append(uploads.start(len(body), send))
            return self._finish(key, upload_id, [part.result() for part in parts], size, content.digest())
        except BaseException as error:
            wait(parts)  # S3 keeps a part that ends after the abort
            self._abort(key, upload_id, error)
            if isinstance(error, _Condition):
                return False
            raise

    def _finish(
        self, key: str, upload_id: str, parts: "list[CompletedPartTypeDef]", size: int, digest: bytes
    ) -> bool:
        """Make the object of its parts; raises `_Condition` when the existing one stays."""
        try:
            self._complete(key, upload_id, parts, IfNoneMatch="*")
        except _Condition:
            if self._is_to_stay(key, size, digest):
                raise
            self._complete(key, upload_id, parts)  # the refused upload is still there
        return True

    def _send(self, key: str, upload_id: str, number: int, body: bytes) -> "CompletedPartTypeDef":
        with _named("UploadPart", self._bucket, key):
            etag = self._s3.upload_part(
                Bucket=self._bucket, Key=key, UploadId=upload_id, PartNumber=number, Body=body
            )["ETag"]
        return {"PartNumber": number, "ETag": etag}

    def _complete(
        self, key: str, upload_id: str, parts: "list[CompletedPartTypeDef]", **condition: str
    ) -> None:
        with _named("CompleteMultipartUpload", self._bucket, key):
            self._s3.complete_multipart_upload(
                Bucket=self._bucket,
                Key=key,
                UploadId=upload_id,
                MultipartUpload={"Parts": parts},
                **condition,  # type: ignore[arg-type]
            )

    def _abort(self, key: str, upload_id: str, cause: BaseException) -> None:
        try:
            with _named("AbortMultipartUpload", self._bucket, key):
                self._s3.abort_multipart_upload(Bucket=self._bucket, Key=key, UploadId=upload_id)
        except S3Failed as failure:
            cause.add_note(f"{failure}; upload {upload_id} of {key} may still hold parts: abort it by hand")


def _parts(chunks: Iterable[bytes], size: int) -> Iterator[bytes]:
    """The same bytes in parts of exactly `size`, the last one shorter."""
    held = bytearray()
    for chunk in chunks:
        held += chunk
        while len(held) >= size:
            yield bytes(memoryview(held)[:size])
            del held[:size]
    if held:
        yield bytes(held)
