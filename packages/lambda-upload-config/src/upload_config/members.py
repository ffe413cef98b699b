"""Reads the archive once from start to end, inflates each member and checks it against its entry.

Every byte before the central directory must belong to exactly one entry, so reading also finds overlaps, hidden bytes
between members, and members that differ from their entry.
"""

import struct
import zlib
from collections.abc import Iterable, Iterator

from upload_config.central_directory import Entry, refuse_second_name, zip64_values
from upload_config.core import DEFLATED, DESCRIPTOR, ENCRYPTED, UTF8, Member, Plan
from upload_config.errors import ArchiveRefused

OUTPUT_BYTES = 1024 * 1024
"""The most output of one step of inflating, so that a ZIP bomb is stopped within one step."""

_LOCAL = struct.Struct("<4s2x2H4x3L2H")  # x skips version and time
_DESCRIPTORS = {
    12: struct.Struct("<3L"),
    16: struct.Struct("<4s3L"),
    20: struct.Struct("<L2Q"),
    24: struct.Struct("<4sL2Q"),
}
"""CRC, compressed size and size, by the record's length: with and without signature, with 32 and 64 bits."""

_DESCRIPTOR_SIGNATURE = b"PK\x07\x08"


def contents(blocks: Iterable[bytes], plan: Plan) -> Iterator[tuple[Member, Iterator[bytes]]]:
    """Yield each member with its inflated bytes, which must be used before the next member.

    `blocks` are the archive's bytes from 0 to the central directory. Raises ArchiveRefused as soon as a member differs
    from its entry; CRC and size are checked after its last byte.
    """
    stream = _Stream(blocks)
    for member in plan.members:
        _check_header(stream, member.entry)
        data = _checked(stream, member.entry)
        yield member, data
        for _ in data:  # read what the caller left, to get to the end of the member
            pass
        _check_end(stream, member)


class _Stream:
    """Bytes that are read forwards only."""

    def __init__(self, blocks: Iterable[bytes]) -> None:
        self._blocks = iter(blocks)
        self._block = memoryview(b"")
        self.position = 0

    def some(self, most: int) -> memoryview:
        """Between one and `most` bytes; raises ArchiveRefused at the end of the blocks."""
        while not self._block:
            block = next(self._blocks, None)
            if block is None:
                raise ArchiveRefused("members reach into the central directory")
            self._block = memoryview(block)
        part, self._block = self._block[:most], self._block[most:]
        self.position += len(part)
        return part

    def take(self, length: int) -> bytes:
        """Exactly `length` bytes."""
        parts = bytearray()
        while len(parts) < length:
            parts += self.some(length - len(parts))
        return bytes(parts)


def _check_header(stream: _Stream, entry: Entry) -> None:
    signature, flags, method, crc, compressed, size, name_length, extra_length = _LOCAL.unpack(
        stream.take(_LOCAL.size)
    )
    if signature != b"PK\x03\x04":
        raise ArchiveRefused(
            f"{entry.shown} does not start where the central directory says ({entry.offset})"
        )
    name, extra = stream.take(name_length), stream.take(extra_length)
    refuse_second_name(extra, entry.raw_name, entry.shown)
    size, compressed = zip64_values(extra, (size, compressed), entry.shown)
    compared = ENCRYPTED | DESCRIPTOR | (0 if name.isascii() else UTF8)
    later = bool(entry.flags & DESCRIPTOR)  # sizes and CRC follow the data; the header may hold zeros
    pairs = (
        ("name", name, entry.raw_name),
        ("flags", flags & compared, entry.flags & compared),
        ("method", method, entry.method),
        ("CRC", 0 if later and crc == 0 else crc, 0 if later and crc == 0 else entry.crc),
        ("compressed size", compressed, 0 if later and compressed == 0 else entry.compressed),
        ("size", size, 0 if later and size == 0 else entry.size),
    )
    for what, local, central in pairs:
        if local != central:
            raise ArchiveRefused(
                f"{entry.shown} has {what} {local!r} in its own header but {central!r} in the central directory"
            )


def _checked(stream: _Stream, entry: Entry) -> Iterator[bytes]:
    """The member's bytes; raises at the first byte too many, and compares size and CRC at the end."""
    produced = crc = 0
    for data in _raw(stream, entry):
        produced += len(data)
        if produced > entry.size:
            raise ArchiveRefused(f"{entry.shown} inflates to more than the {entry.size} bytes it declares")
        crc = zlib.crc32(data, crc)
        yield data
    if produced != entry.size:
        raise ArchiveRefused(f"{entry.shown} inflates to {produced} bytes but declares {entry.size}")
    if crc != entry.crc:
        raise ArchiveRefused(
            f"{entry.shown} has CRC {crc:08x} but declares {entry.crc:08x}: the archive is damaged"
        )


def _raw(stream: _Stream, entry: Entry) -> Iterator[bytes]:
    left = entry.compressed
    engine = zlib.decompressobj(-zlib.MAX_WBITS)
    while left:
        block = stream.some(left)
        left -= len(block)
        if entry.method != DEFLATED:
            yield bytes(block)
            continue
        yield from _inflated(engine, block, entry)
        if engine.unused_data or (engine.eof and left):
            raise ArchiveRefused(f"{entry.shown} has bytes behind the end of its data")
    if entry.method == DEFLATED and not engine.eof:
        raise ArchiveRefused(f"{entry.shown} ends in the middle of its data")


def _inflated(engine: "zlib._Decompress", block: memoryview, entry: Entry) -> Iterator[bytes]:
    """The output of one block, in steps. After a full step there may be more output even without more input."""
    data: bytes | memoryview = block
    while True:
        try:
            out = engine.decompress(data, OUTPUT_BYTES)
        except zlib.error as error:
            raise ArchiveRefused(f"{entry.shown} cannot be inflated: {error}") from error
        if out:
            yield out
        data = engine.unconsumed_tail
        if engine.eof or (not data and len(out) < OUTPUT_BYTES):
            return


def _check_end(stream: _Stream, member: Member) -> None:
    """Check the bytes between the data and the next entry: the data descriptor when the flags announce one, else none."""
    entry, left = member.entry, member.end - stream.position
    if not entry.flags & DESCRIPTOR:
        if left:
            what = (
                f"is followed by {left} bytes that belong to no entry"
                if left > 0
                else "overlaps what follows it"
            )
            raise ArchiveRefused(f"{entry.shown} {what}")
        return
    layout = _DESCRIPTORS.get(left)
    *signature, crc, compressed, size = layout.unpack(stream.take(left)) if layout else (None,) * 4
    agrees = (crc, compressed, size) == (entry.crc, entry.compressed, entry.size)
    if not agrees or signature not in ([], [_DESCRIPTOR_SIGNATURE]):
        raise ArchiveRefused(f"{entry.shown} is followed by {left} bytes that are not its data descriptor")
