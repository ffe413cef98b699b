"""Finds the quote that is not closed in a text that does not parse."""

import re

_PIECE = re.compile(
    r"""--[^\n]*|/\*.*?\*/|(?P<comment>/\*)|(?P<dollar>\$\w*\$).*?(?P=dollar)"""
    r"""|(?P<quote>['"`])(?P<text>(?:(?!(?P=quote)).|(?P=quote)(?P=quote))*)(?P<end>(?P=quote)|\Z)""",
    re.DOTALL,
)
_ESCAPED = re.compile(_PIECE.pattern.replace("(?:(?!", r"(?:\\.|(?!"), re.DOTALL)
_PREFIXES = {"e", "n", "u&", "r"}
_DIGITS = re.compile(r"[0-9a-f]*", re.IGNORECASE)


_NEVER_AFTER = re.compile(r"\w|~|--")  # what stands after a string only when a quote is missing
_SWALLOWED = re.compile(r"\|\||[\n(),]")  # SQL inside a string


def unclosed_quote(text: str, *, backslash: bool) -> int | None:
    """The offset of the quote that is not closed, or too many, in a text that does not parse; None when all are closed.

    It is the first one that stands against a word, as in `AS id',`, or whose string swallowed SQL; else the last one,
    which opens and never closes.
    """
    pattern = _ESCAPED if backslash else _PIECE
    pieces = list(pattern.finditer(text))
    comment = next((match.start() for match in pieces if match["comment"]), None)
    strings = [match for match in pieces if match["quote"] and (comment is None or match.start() < comment)]
    for match in strings:
        if _stands_against_a_word(text, match):
            return match.start()
        if match["end"] and _NEVER_AFTER.match(text, match.end()):
            return match.start() if _SWALLOWED.search(match["text"]) else match.end() - 1
    return strings[-1].start() if strings and not strings[-1]["end"] else comment


def _stands_against_a_word(text: str, match: re.Match[str]) -> bool:
    before = re.search(r"[\w&]*$", text[max(0, match.start() - 64) : match.start()])
    word = before[0].lower() if before else ""
    if word in ("b", "x"):
        return _DIGITS.fullmatch(match["text"]) is None
    return bool(word) and word not in _PREFIXES
