"""Postgres' hash functions over whole columns: `hash_bytes` and `hash_uint32`, which are Bob Jenkins' lookup3.

hashtext(), hashint4(), hashint8(), timestamp_hash() and hashfloat8() use them in Postgres 14 to 18 on little-endian
machines; `tests/staging/test_postgres_hash.py` compares with the server. https://burtleburtle.net/bob/hash/doobs.html
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Words = npt.NDArray[np.uint32]
Longs = npt.NDArray[np.int64]

SEED = 0x9E3779B9 + 3923095
BLOCK = 12  # bytes mixed in one step
MASKS = np.array([0, 0xFF, 0xFFFF, 0xFFFFFF, 0xFFFFFFFF], dtype=np.uint32)  # the lowest n bytes of a word


def hash_longs(values: Longs) -> Longs:
    """hashint8 of each value, signed, as Postgres returns it; for a value of 32 bits it is hashint4 too."""
    bits = values.view(np.uint64)
    low, high = bits.astype(np.uint32), (bits >> np.uint64(32)).astype(np.uint32)
    low ^= np.where(values >= 0, high, ~high)
    a = low + np.uint32((SEED + 4) & 0xFFFFFFFF)
    rest = np.full_like(a, (SEED + 4) & 0xFFFFFFFF)
    return _final(a, rest, rest.copy())


def hash_texts(offsets: npt.NDArray[np.int32], data: npt.NDArray[np.uint8]) -> Longs:
    """hash_bytes of each text, signed; text i is data[offsets[i]:offsets[i + 1]]."""
    words = _unaligned_words(data)
    starts, lengths = offsets[:-1].astype(np.int64), np.diff(offsets).astype(np.int64)
    blocks = lengths // BLOCK
    order = np.argsort(-blocks, kind="stable") if blocks.any() else None
    if order is not None:  # longest first: the texts that have blocks left are always a prefix
        starts, lengths, blocks = starts[order], lengths[order], blocks[order]
    a = lengths.astype(np.uint32) + np.uint32(SEED & 0xFFFFFFFF)
    b, c = a.copy(), a.copy()
    left = len(blocks)
    for block in range(int(blocks.max(initial=0))):
        left = int(np.searchsorted(-blocks[:left], -block, side="left"))
        at = starts[:left] + block * BLOCK
        _mix(a[:left], b[:left], c[:left], words[at], words[at + 4], words[at + 8])
    at, rest = starts + blocks * BLOCK, lengths - blocks * BLOCK
    longest = int(rest.max(initial=0))
    a += words[at] & MASKS[np.minimum(rest, 4)]
    if longest > 4:
        b += words[at + 4] & MASKS[np.clip(rest - 4, 0, 4)]
    if longest > 8:  # the lowest byte of c is reserved for the length
        c += (words[at + 8] & MASKS[np.clip(rest - 8, 0, 3)]) << np.uint32(8)
    hashes = _final(a, b, c)
    if order is None:
        return hashes
    in_place = np.empty_like(hashes)
    in_place[order] = hashes
    return in_place


def hash_doubles(values: npt.NDArray[np.float64]) -> Longs:
    """hashfloat8 of each value: zeros are equal, NaNs are equal."""
    same = np.where(np.isnan(values), np.nan, values)
    offsets = np.arange(len(values) + 1, dtype=np.int32) * 8
    return np.where(values == 0, 0, hash_texts(offsets, same.view(np.uint8)))


def _unaligned_words(data: npt.NDArray[np.uint8]) -> Words:
    """The little-endian word that starts at each byte, with zeros after the end."""
    padded = np.concatenate([data, np.zeros(2 * BLOCK, dtype=np.uint8)])
    words: Words = np.ndarray((len(padded) - 4,), dtype="<u4", buffer=padded.data, strides=(1,))
    return words


def _rotated(word: Words, bits: int) -> Words:
    rotated: Words = (word << np.uint32(bits)) | (word >> np.uint32(32 - bits))
    return rotated


def _mix(a: Words, b: Words, c: Words, x: Words, y: Words, z: Words) -> None:
    """One block, in place."""
    a += x
    b += y
    c += z
    for one, other, third, bits in (
        (a, c, b, 4),
        (b, a, c, 6),
        (c, b, a, 8),
        (a, c, b, 16),
        (b, a, c, 19),
        (c, b, a, 4),
    ):
        one -= other
        one ^= _rotated(other, bits)
        other += third


def _final(a: Words, b: Words, c: Words) -> Longs:
    """The final mix, in place; `c` is the hash."""
    for one, other, bits in (
        (c, b, 14),
        (a, c, 11),
        (b, a, 25),
        (c, b, 16),
        (a, c, 4),
        (b, a, 14),
        (c, b, 24),
    ):
        one ^= other
        one -= _rotated(other, bits)
    return c.view(np.int32).astype(np.int64)
