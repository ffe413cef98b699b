"""S3: lists objects, reads them as listed, and writes one object by multipart upload, whole or not at all."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

from download_zip.core import Piece, SourceObject
from download_zip.errors import S3Failed, SourceChanged

if TYPE_CHECKING:
    from types import TracebackType

    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

MIN_PART_BYTES = 8 * 1024 * 1024
_MAX_PARTS = (
    9_000  # S3 allows 10,000; the rest is reserved for headers and for data that deflate makes longer
)
_UPLOADERS = 2
_GONE = {"NoSuchKey", "404", "NoSuchVersion"}
_CHANGED = {"PreconditionFailed", "412"}


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


def part_bytes(total_bytes: int) -> int:
    """The part size in bytes with which `total_bytes` stay within S3's limit of parts."""
    return max(MIN_PART_BYTES, -(-total_bytes // _MAX_PARTS))


@contextmanager
def _named(call: str, bucket: str, key: str) -> Iterator[None]:
    """Raise botocore's errors as ours, which name the call and the object."""
    from botocore.exceptions import BotoCoreError, ClientError
    from urllib3.exceptions import HTTPError

    where = f"s3://{bucket}/{key}"
    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        if call == "GetObject" and code in _GONE | _CHANGED:
            what = "deleted" if code in _GONE else "replaced"
            raise SourceChanged(f"{where} was {what} while it was being zipped; run again") from error
        raise S3Failed(f"{call} {where} failed: {error}") from error
    except (BotoCoreError, HTTPError, OSError) as error:
        raise S3Failed(f"{call} {where} failed: {type(error).__name__}: {error}") from error


class Source:
    """The objects of one bucket."""

    def __init__(self, s3: "S3Client", bucket: str) -> None:
        self._s3 = s3
        self._bucket = bucket

    def list(self, prefix: str) -> Iterator[SourceObject]:
        """List every object under the prefix, page by page."""
        pages = self._s3.get_paginator("list_objects_v2")
        with _named("ListObjectsV2", self._bucket, prefix):
            for page in pages.paginate(Bucket=self._bucket, Prefix=prefix):
                for found in page.get("Contents", []):
                    yield SourceObject(found["Key"], found["Size"], found["ETag"])

    def read(self, piece: Piece) -> bytes:
        """Read the bytes of a piece; raises SourceChanged when the object is not the listed one any more."""
        source = piece.member.source
        end = piece.start + piece.length - 1
        with _named("GetObject", self._bucket, source.key):
            if piece.whole:  # also an empty object, which has no range
                found = self._s3.get_object(Bucket=self._bucket, Key=source.key, IfMatch=source.etag)
            else:
                found = self._s3.get_object(
                    Bucket=self._bucket,
                    Key=source.key,
                    IfMatch=source.etag,
                    Range=f"bytes={piece.start}-{end}",
                )
            data = found["Body"].read()
        if len(data) != piece.length:
            raise SourceChanged(
                f"s3://{self._bucket}/{source.key} gave {len(data)} bytes where {piece.length} were listed; run again"
            )
        return data


class Upload:
    """A multipart upload as a context manager: the object appears as a whole when the block succeeds, else not at all.

    Holds at most `_UPLOADERS` + 1 parts in memory.
    """

    def __init__(self, s3: "S3Client", bucket: str, key: str, part_size: int) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._key = key
        self._part_size = part_size
        self._buffer = bytearray()
        self._parts: list[Future[CompletedPartTypeDef]] = []
        self._upload_id = ""
        self.size = 0

    def __enter__(self) -> "Upload":
        with _named("CreateMultipartUpload", self._bucket, self._key):
            self._upload_id = self._s3.create_multipart_upload(
                Bucket=self._bucket, Key=self._key, ContentType="application/zip"
            )["UploadId"]
        self._pool = ThreadPoolExecutor(_UPLOADERS, thread_name_prefix="part")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: "TracebackType | None"
    ) -> None:
        if error is not None:
            self._abort(error)
            return
        try:
            self._complete()
        except BaseException as failure:
            self._abort(failure)
            raise

    def write(self, data: bytes) -> None:
        """Add bytes; waits while too many parts are being uploaded."""
        self.size += len(data)
        self._buffer += data
        while len(self._buffer) >= self._part_size:
            self._send(bytes(memoryview(self._buffer)[: self._part_size]))
            del self._buffer[: self._part_size]

    def _send(self, body: bytes) -> None:
        if len(self._parts) >= _UPLOADERS:
            self._parts[-_UPLOADERS].result()  # raises what that part raised
        self._parts.append(self._pool.submit(self._upload_part, len(self._parts) + 1, body))

    def _upload_part(self, number: int, body: bytes) -> "CompletedPartTypeDef":
        with _named("UploadPart", self._bucket, self._key):
            etag = self._s3.upload_part(
                Bucket=self._bucket, Key=self._key, UploadId=self._upload_id, PartNumber=number, Body=body
            )["ETag"]
        return {"PartNumber": number, "ETag": etag}

    def _complete(self) -> None:
        if self._buffer:
            self._send(bytes(self._buffer))
        parts = [part.result() for part in self._parts]
        self._pool.shutdown()
        with _named("CompleteMultipartUpload", self._bucket, self._key):
            self._s3.complete_multipart_upload(
                Bucket=self._bucket, Key=self._key, UploadId=self._upload_id, MultipartUpload={"Parts": parts}
            )

    def _abort(self, cause: BaseException) -> None:
        """Remove the parts, after the last upload has ended: S3 would keep a part that ends later."""
        self._pool.shutdown(cancel_futures=True)
        try:
            with _named("AbortMultipartUpload", self._bucket, self._key):
                self._s3.abort_multipart_upload(Bucket=self._bucket, Key=self._key, UploadId=self._upload_id)
        except S3Failed as failure:
            cause.add_note(f"{failure}; upload {self._upload_id} still holds parts: abort it by hand")
