"""Reads a ZIP's central directory strictly, by ranges. Layouts: PKWARE APPNOTE 6.3.10.

An archive that two programs could read differently is refused: one with a second end record, with a directory that
does not end where the end record starts, or with a ZIP64 record that disagrees.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from upload_config.errors import ArchiveRefused

MAX_DIRECTORY_BYTES = 32 * 1024 * 1024

_END = struct.Struct("<4s4H2LH")
_END_SIGNATURE = b"PK\x05\x06"
_LOCATOR = struct.Struct("<4sLQL")
_END64 = struct.Struct("<4sQ2H2L4Q")
_CENTRAL = struct.Struct("<4s4x2H4x3L4H2x2L")  # x skips versions, time and internal attributes
_MAX_COMMENT = 0xFFFF
_END64_FIXED = 12  # signature and size field, which the record's size does not count
_FULL16 = 0xFFFF
FULL32 = 0xFFFFFFFF
_ZIP64 = 1
_UNICODE_PATH = 0x7075


class Ranges(Protocol):
    """Bytes that can be read at any offset."""

    @property
    def size(self) -> int: ...
    def read(self, start: int, length: int) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the central directory; sizes in bytes, `mode` as in st_mode or 0."""

    raw_name: bytes
    flags: int
    method: int
    crc: int
    compressed: int
    size: int
    offset: int
    mode: int

    @property
    def shown(self) -> str:
        """The name for messages."""
        return repr(self.raw_name.decode("utf-8", "backslashreplace")[:200])


@dataclass(frozen=True, slots=True)
class Directory:
    """Offset and size of the central directory, and its declared number of entries."""

    offset: int
    size: int
    count: int


def find(archive: Ranges) -> Directory:
    """Find the central directory from the archive's end; raises ArchiveRefused."""
    length = min(archive.size, _LOCATOR.size + _END.size + _MAX_COMMENT)
    tail = archive.read(archive.size - length, length)
    starts = [start for start in _all(tail, _END_SIGNATURE) if _reaches_end(tail, start)]
    if not starts:
        raise ArchiveRefused("no end record: not a ZIP archive, or cut short")
    if tail.find(_END_SIGNATURE, starts[0] + 1) >= 0:  # also in a comment: many search backwards from the end
        raise ArchiveRefused("two end records: programs would read two different archives")
    end = archive.size - length + starts[0]
    _, *disks, on_disk, count, size, offset, _ = _END.unpack_from(tail, starts[0])
    found = Directory(offset, size, count)
    upto = end
    locator = tail[max(0, starts[0] - _LOCATOR.size) : starts[0]]
    if len(locator) == _LOCATOR.size and locator.startswith(b"PK\x06\x07"):
        found, upto = _zip64(archive, end - _LOCATOR.size, locator, found)
    elif any(disks) or on_disk != count:
        raise ArchiveRefused("archive is split over several disks: pack it as one file")
    if found.offset + found.size != upto:
        raise ArchiveRefused(
            f"central directory at {found.offset} of {found.size} bytes does not end at the end record at {upto}: "
            "bytes were put before or between"
        )
    if found.size > MAX_DIRECTORY_BYTES:
        raise ArchiveRefused(
            f"central directory has {found.size} bytes, at most {MAX_DIRECTORY_BYTES} are read"
        )
    return found


def entries(archive: Ranges, directory: Directory) -> Iterator[Entry]:
    """The entries in the order of the directory; raises ArchiveRefused when they do not fill it exactly."""
    data = archive.read(directory.offset, directory.size)
    at = count = 0
    while at < len(data):
        if len(data) - at < _CENTRAL.size or data[at : at + 4] != b"PK\x01\x02":
            raise ArchiveRefused(
                f"central directory is broken {at} bytes in: entry {count} does not start there"
            )
        entry, at = _entry(data, at)
        count += 1
        yield entry
    if count != directory.count:
        raise ArchiveRefused(
            f"end record declares {directory.count} entries, the central directory has {count}"
        )


def zip64_values(extra: bytes, fields: tuple[int, ...], where: str) -> list[int]:
    """The given size and offset fields; a field of 0xFFFFFFFF is replaced by its value in the ZIP64 extra field."""
    found = [body for number, body in _extras(extra, where) if number == _ZIP64]
    if len(found) > 1:
        raise ArchiveRefused(f"{where} has two ZIP64 fields")
    body = found[0] if found else b""
    values: list[int] = []
    for field in fields:
        if field == FULL32 and found:
            if len(body) < 8:
                raise ArchiveRefused(f"{where} has a ZIP64 field that is too short")
            values.append(int.from_bytes(body[:8], "little"))
            body = body[8:]
        else:
            values.append(field)
    return values


def refuse_second_name(extra: bytes, name: bytes, where: str) -> None:
    """Raise ArchiveRefused for another name in Info-ZIP's Unicode Path field, which some programs prefer."""
    for number, body in _extras(extra, where):
        if number == _UNICODE_PATH and body[5:] != name:
            raise ArchiveRefused(
                f"{where} has a second name {body[5:205]!r}: programs would write different files"
            )


def _zip64(archive: Ranges, at: int, locator: bytes, old: Directory) -> tuple[Directory, int]:
    """The directory according to the ZIP64 end record, and that record's offset. It must not contradict the old record."""
    _, _, start, disks = _LOCATOR.unpack(locator)
    if disks > 1 or start + _END64.size > at:
        raise ArchiveRefused(f"ZIP64 locator points to {start}, the record must lie before {at}")
    signature, size, _, _, disk, first, on_disk, count, length, offset = _END64.unpack(
        archive.read(start, _END64.size)
    )
    if signature != b"PK\x06\x06" or start + _END64_FIXED + size != at or disk or first or on_disk != count:
        raise ArchiveRefused(f"ZIP64 end record at {start} is broken")
    pairs = ((old.count, count, _FULL16), (old.size, length, FULL32), (old.offset, offset, FULL32))
    if any(short not in {full, saturated} for short, full, saturated in pairs):
        raise ArchiveRefused("end record and ZIP64 end record disagree: programs would read two archives")
    return Directory(offset, length, count), start


def _entry(data: bytes, at: int) -> tuple[Entry, int]:
    _, flags, method, crc, compressed, size, *lengths, disk, attributes, offset = _CENTRAL.unpack_from(
        data, at
    )
    name_length, extra_length, comment_length = lengths
    name_at = at + _CENTRAL.size
    extra_at = name_at + name_length
    after = extra_at + extra_length + comment_length
    name = data[name_at:extra_at]
    shown = repr(name.decode("utf-8", "backslashreplace")[:200])
    if after > len(data) or disk not in {0, _FULL16}:
        raise ArchiveRefused(f"central directory is broken at entry {shown}")
    extra = data[extra_at : extra_at + extra_length]
    refuse_second_name(extra, name, shown)
    size, compressed, offset = zip64_values(extra, (size, compressed, offset), shown)
    return Entry(name, flags, method, crc, compressed, size, offset, attributes >> 16), after


def _extras(extra: bytes, where: str) -> Iterator[tuple[int, bytes]]:
    at = 0
    while len(extra) - at >= 4:
        number, length = struct.unpack_from("<2H", extra, at)
        if at + 4 + length > len(extra):
            raise ArchiveRefused(f"{where} has a broken extra field")
        yield number, extra[at + 4 : at + 4 + length]
        at += 4 + length


def _all(data: bytes, wanted: bytes) -> Iterator[int]:
    at = data.find(wanted)
    while at >= 0:
        yield at
        at = data.find(wanted, at + 1)


def _reaches_end(tail: bytes, start: int) -> bool:
    """Whether a record at `start` and its comment end where the tail ends."""
    if len(tail) - start < _END.size:
        return False
    comment: int = _END.unpack_from(tail, start)[-1]
    return start + _END.size + comment == len(tail)
