"""DownloadZip: the entry point of the Lambda, with the whole pipeline of one run."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing
from typing import Any, Protocol

import msgspec
from aws_lambda_powertools.logging import Logger

from download_zip import s3
from download_zip.archive import Sink, write_archive
from download_zip.core import Piece, Selection, SourceObject, pieces, select
from download_zip.deadline import Remaining, within_time
from download_zip.events import Answer, Request, parse
from download_zip.readahead import in_order

logger = Logger(service=os.environ.get("POWERTOOLS_SERVICE_NAME", "download-zip"))


class Source(Protocol):
    """Reads the objects."""

    def list(self, prefix: str) -> Iterator[SourceObject]: ...
    def read(self, piece: Piece) -> bytes: ...


class Target(Sink, Protocol):
    """Receives the archive; `size` is the number of bytes written so far."""

    @property
    def size(self) -> int: ...


OpenTarget = Callable[[Selection], AbstractContextManager[Target]]


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """Zip the folder of the event. A DownloadZipError means that nothing was written."""
    logger.append_keys(request_id=getattr(context, "aws_request_id", None))
    request = parse(event)
    client = s3.client()
    source = s3.Source(client, request.source_bucket)

    def open_target(selection: Selection) -> s3.Upload:
        size = s3.part_bytes(selection.total_bytes)
        return s3.Upload(client, request.destination_bucket, request.target_key, size)

    remaining = getattr(context, "get_remaining_time_in_millis", None)
    answer = run(request, source, open_target, remaining)
    return dict(msgspec.to_builtins(answer))


def run(
    request: Request, source: Source, open_target: OpenTarget, remaining: Remaining | None = None
) -> Answer:
    """List and select the objects, then read ahead, deflate and upload at the same time."""
    where = f"s3://{request.source_bucket}/{request.prefix}"
    selection = select(source.list(request.prefix), request)
    logger.info("zipping", source=where, files=len(selection.members), bytes=selection.total_bytes)
    with (
        open_target(selection) as target,
        closing(in_order(source.read, pieces(selection.members))) as contents,
    ):
        write_archive(within_time(contents, remaining, f"zipping {where}"), target)
    logger.info("zipped", source=where, key=request.target_key, zip_size_bytes=target.size)
    return Answer(
        source_bucket=request.source_bucket,
        source_folder=request.folder,
        destination_bucket=request.destination_bucket,
        destination_key=request.target_key,
        ignore_patterns=list(request.ignored),
        include_source_folder_in_zip=request.include_source_folder_in_zip,
        zipped_files=len(selection.members),
        skipped_files=selection.skipped,
        zip_size_bytes=target.size,
    )
