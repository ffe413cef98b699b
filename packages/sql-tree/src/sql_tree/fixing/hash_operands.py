"""Cuts the argument of a hash into the operands that are joined, as they stand in the script."""

from collections.abc import Iterator
from dataclasses import dataclass

from sql_tree.fixing.words import Script, end_of

_HASHES = {"MD5", "SHA", "SHA1", "SHA2", "SHA224", "SHA256", "SHA384", "SHA512"}
_AROUND = {"UPPER", "LOWER"}  # of everything that is joined


@dataclass(frozen=True, slots=True)
class Call:
    """Words `first` to `last` are the argument of a hash whose name begins at offset `start`."""

    start: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Operand:
    """Words `first` to `last`, their offsets, and their text: bound as the parser reads it, shown as it is written."""

    first: int
    last: int
    start: int
    end: int
    text: str
    shown: str


def hash_calls(script: Script) -> Iterator[Call]:
    """Every call of a hash function."""
    for at, word in enumerate(script.words):
        if script.word(at) in _HASHES and script.word(at + 1) == "(" and script.word(at - 1) != ".":
            close = script.closing(at + 1)
            if close > at + 2:
                yield Call(int(word.start), at + 2, close - 1)


def operands(script: Script, call: Call) -> list[Operand]:
    """The operands of `||` in order; one when nothing is joined."""
    return [_operand(script, first, last) for first, last in _cut(script, call.first, call.last)]


def _cut(script: Script, first: int, last: int) -> list[tuple[int, int]]:
    """Words between `||` on the level of the first word, parentheses around all of it taken off."""
    if script.word(first) == "(" and script.closing(first) == last:
        return _cut(script, first + 1, last - 1)
    name = script.word(first)
    whole = script.word(first + 1) == "(" and script.closing(first + 1) == last
    if whole and name in _AROUND and _joins(script, first + 2, last - 1):
        return _cut(script, first + 2, last - 1)
    if whole and name == "CONCAT":
        return _split(script, first + 2, last - 1, ",")
    return _split(script, first, _without_length(script, first, last), "||")


def _without_length(script: Script, first: int, last: int) -> int:
    """The last word before a second argument, such as the length of SHA2(x, 256)."""
    commas = [at for at, depth in _levels(script, first, last) if depth == 0 and script.word(at) == ","]
    return commas[0] - 1 if commas else last


def _joins(script: Script, first: int, last: int) -> bool:
    return any(script.word(at) == "||" for at, _ in _levels(script, first, last))


def _split(script: Script, first: int, last: int, separator: str) -> list[tuple[int, int]]:
    parts, begin = [], first
    for at, depth in _levels(script, first, last):
        if depth == 0 and script.word(at) == separator:
            parts.append((begin, at - 1))
            begin = at + 1
    return [*parts, (begin, last)]


def _levels(script: Script, first: int, last: int) -> Iterator[tuple[int, int]]:
    """Each word with the number of parentheses that are open there."""
    depth = 0
    for at in range(first, last + 1):
        depth -= script.word(at) == ")"
        yield at, depth
        depth += script.word(at) == "("


def _operand(script: Script, first: int, last: int) -> Operand:
    start, end = int(script.words[first].start), end_of(script.words[last])
    text = script.scan.bound.text[start:end]
    return Operand(first, last, start, end, text, script.original(start, end))
