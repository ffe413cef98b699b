"""Writes a deterministic ZIP to an append-only sink; knows nothing of S3."""

import stat
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Protocol

from download_zip.core import Member, Piece

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest date of ZIP; with real dates, archives of equal content would differ."""

SAMPLE_BYTES = 64 * 1024
"""The first bytes of a member: they decide whether it is deflated. Smaller members always are."""

_WORTH = 0.97
_MODE = stat.S_IFREG | 0o644
_UNIX = 3


class Sink(Protocol):
    """Receives the archive's bytes in order."""

    def write(self, data: bytes) -> None: ...


def write_archive(contents: Iterable[tuple[Piece, bytes]], sink: Sink) -> None:
    """Write the members in the given order, deflated, and then the central directory.

    Content that is already compressed (Parquet, images) goes into stored blocks of DEFLATE: compressing it again
    would take nearly all of the run's processor time and gain nothing.

    The sink cannot be rewound, so sizes and CRC follow each member in a data descriptor. ZIP64 is used only where
    a size, an offset or the count needs it.
    """
    stream = _Forward(sink)
    archive = zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED)
    try:
        for member, parts in groupby(contents, key=lambda content: content[0].member):
            _write_member(archive, member, (data for _, data in parts))
        archive.close()
    finally:
        stream.close()


def _write_member(archive: zipfile.ZipFile, member: Member, parts: Iterator[bytes]) -> None:
    first = next(parts)
    with archive.open(_header(member, deflate=_is_worth_it(first)), "w") as target:
        target.write(first)
        for data in parts:
            target.write(data)


def _is_worth_it(first: bytes) -> bool:
    sample = first[:SAMPLE_BYTES]
    return len(sample) < SAMPLE_BYTES or len(zlib.compress(sample, 1)) < _WORTH * SAMPLE_BYTES


def _header(member: Member, *, deflate: bool) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(member.name, EPOCH)
    info.compress_type = zipfile.ZIP_DEFLATED  # stored members cannot have a data descriptor for every reader
    if not deflate:
        info._compresslevel = 0  # type: ignore[attr-defined]  # public from Python 3.13 on, there under both names
    info.create_system = _UNIX
    info.external_attr = _MODE << 16
    info.file_size = member.source.size  # zipfile decides about ZIP64 before it has the data
    return info


class _Forward:
    """The methods of a file that zipfile needs for a stream. Without `tell`, zipfile never rewinds.

    A ZipFile that is deleted after a failure still writes its end record; a closed stream drops it.
    """

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._open = True

    def write(self, data: bytes) -> int:
        if self._open:
            self._sink.write(data)
        return len(data)

    def flush(self) -> None:
        """Does nothing, because nothing is buffered."""

    def close(self) -> None:
        self._open = False
