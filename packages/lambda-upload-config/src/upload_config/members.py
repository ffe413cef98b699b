"""Walks the archive once, byte after byte, and inflates each member while checking it against its entry.

Because every byte up to the central directory must belong to exactly one entry, walking is also
the proof that nothing overlaps, hides between members or is listed differently from how it lies.
"""

import struct
import zlib
from collections.abc import Iterable, Iterator

from upload_config.central_directory import Entry, refuse_second_name, zip64_values
from upload_config.core import DEFLATED, DESCRIPTOR, ENCRYPTED, UTF8, Member, Plan
from upload_config.errors import ArchiveRefused

OUTPUT_BYTES = 1024 * 1024
"""The most that one step of inflating gives, so that a bomb is stopped within one step."""

_LOCAL = struct.Struct("<4s2x2H4x3L2H")  # x: version, time
_DESCRIPTORS = {
    12: struct.Struct("<3L"),
    16: struct.Struct("<4s3L"),
    20: struct.Struct("<L2Q"),
    24: struct.Struct("<4sL2Q"),
}
"""CRC, compressed and real size by the length of the record: with and without signature, 32 and 64 bits."""

_DESCRIPTOR_SIGNATURE = b"PK\x07\x08"


def contents(blocks: Iterable[bytes], plan: Plan) -> Iterator[tuple[Member, Iterator[bytes]]]:
    """Yield each member with its inflated bytes, to be used before the next one is asked for.

    `blocks` are the archive's bytes from 0 to the central directory. Raises ArchiveRefused as soon
    as a member turns out different from its entry; CRC and size are known after its last byte.
    """
    stream = _Stream(blocks)
    for member in plan.members:
        _check_header(stream, member.entry)
        data = _checked(stream, member.entry)
        yield member, data
        for _ in data:  # whatever the caller left, so that the walk goes on where the member ends
            pass
        _check_end(stream, member)


class _Stream:
    """Bytes that can only be read forwards."""

    def __init__(self, blocks: Iterable[bytes]) -> None:
        self._blocks = iter(blocks)
        self._block = memoryview(b"")
        self.position = 0

    def some(self, most: int) -> memoryview:
        """At least one and at most so many bytes; raises ArchiveRefused at the end."""
        while not self._block:
            block = next(self._blocks, None)
            if block is None:
                raise ArchiveRefused("members reach into the central directory")
            self._block = memoryview(block)
        part, self._block = self._block[:most], self._block[most:]
        self.position += len(part)
        return part

    def take(self, length: int) -> bytes:
        """Exactly so many bytes."""
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
    told = ENCRYPTED | DESCRIPTOR | (0 if name.isascii() else UTF8)
    later = bool(entry.flags & DESCRIPTOR)  # sizes and CRC follow the data; the header may hold zeros
    pairs = (
        ("name", name, entry.raw_name),
        ("flags", flags & told, entry.flags & told),
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
    """The member's bytes; stops at the first one too many, and at the end compares size and CRC."""
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
    """All that one block gives, in steps; a full step may leave output behind although the input is used up."""
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
    """What lies between the data and the next thing: a data descriptor when announced, else nothing."""
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
