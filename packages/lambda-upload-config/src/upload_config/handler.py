"""UploadConfig: the entry point of the Lambda, with the whole pipeline of one run."""

import os
from collections.abc import Generator, Iterable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import closing, contextmanager
from typing import Any, Protocol

import msgspec
from aws_lambda_powertools.logging import Logger

from upload_config import s3
from upload_config.central_directory import Ranges, entries, find
from upload_config.core import Member, Plan, plan
from upload_config.deadline import Remaining, within_time
from upload_config.errors import ArchiveChanged, ArchiveRefused, OutOfTime, S3Failed
from upload_config.events import Answer, Request, parse
from upload_config.members import contents
from upload_config.uploads import Uploads

SHOWN_KEYS = 200
"""The most keys that an answer with `debug` lists."""

logger = Logger(service=os.environ.get("POWERTOOLS_SERVICE_NAME", "upload-config"))


class Archive(Ranges, Protocol):
    """Reads the archive; every read is of the same content."""

    def blocks(self, stop: int) -> Generator[bytes]: ...


class Target(Protocol):
    """Writes the members; see `s3.Target`."""

    def write(self, key: str, size: int, chunks: Iterable[bytes], uploads: Uploads) -> Future[bool]: ...


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """Expand the archive of the event; raises an UploadConfigError when it cannot or must not."""
    logger.append_keys(request_id=getattr(context, "aws_request_id", None))
    request = parse(event, os.environ)
    client = s3.client()
    archive = s3.Archive(client, request.input.bucket, request.input.key)
    target = s3.Target(client, request.output.bucket, keep_existing=request.keep_existing)
    answer = run(request, archive, target, getattr(context, "get_remaining_time_in_millis", None))
    return dict(msgspec.to_builtins(answer))


def run(request: Request, archive: Archive, target: Target, remaining: Remaining | None = None) -> Answer:
    """Check the central directory, check every member, and only then write."""
    where = f"s3://{request.input.bucket}/{request.input.key}"
    with _refusals_of(where):
        directory = find(archive)
        planned = plan(entries(archive, directory), directory.offset, request)
        logger.info("checking", archive=where, files=planned.files, bytes=planned.total_bytes)
        _check_members(archive, planned, remaining, where)
        logger.info("uploading", archive=where, bucket=request.output.bucket, prefix=request.output.prefix)
        written = _write(archive, planned, target, remaining, where)
    uploaded = [member for member in planned.members if member.key in written]
    answer = Answer(
        input=request.input,
        output=request.output,
        uploaded=len(uploaded),
        skipped=planned.files - len(uploaded) + planned.left_out,
        bytes_uploaded=sum(member.entry.size for member in uploaded),
        keys=sorted(written)[:SHOWN_KEYS] if request.debug else None,
    )
    logger.info("uploaded", archive=where, uploaded=answer.uploaded, skipped=answer.skipped)
    return answer


def _check_members(archive: Archive, planned: Plan, remaining: Remaining | None, where: str) -> None:
    """Inflate every member without writing it: its CRC is known only afterwards."""
    work = f"checking {where} (nothing was written)"
    with closing(archive.blocks(planned.offset)) as blocks:
        for _ in contents(within_time(blocks, remaining, work), planned):
            pass


def _write(
    archive: Archive, planned: Plan, target: Target, remaining: Remaining | None, where: str
) -> set[str]:
    """Write the files and return the written keys: those of equal objects, or of kept ones, are not among them."""
    results: dict[str, Future[bool]] = {}
    try:
        with Uploads() as uploads, closing(archive.blocks(planned.offset)) as blocks:
            for key, member, data in _files(contents(within_time(blocks, remaining, "uploading"), planned)):
                results[key] = target.write(key, member.entry.size, data, uploads)
    except (S3Failed, ArchiveChanged, OutOfTime) as error:
        done = sum(
            future.done() and not future.cancelled() and not future.exception() for future in results.values()
        )
        raise type(error)(
            f"{error}; {done} of {planned.files} files of {where} are in place, run again to complete"
        ) from error
    return {key for key, future in results.items() if future.result()}


def _files(
    members: Iterator[tuple[Member, Iterator[bytes]]],
) -> Iterator[tuple[str, Member, Iterator[bytes]]]:
    """The members that are files, with their keys."""
    for member, data in members:
        if member.key is not None:
            yield member.key, member, data


@contextmanager
def _refusals_of(where: str) -> Iterator[None]:
    """Put the archive's address into the message of ArchiveRefused."""
    try:
        yield
    except ArchiveRefused as refusal:
        raise ArchiveRefused(f"{where}: {refusal}") from refusal.__cause__
