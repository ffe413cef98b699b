"""Finds the quote that is not closed in a text that does not parse."""

import re

_PIECE = re.compile(
    r"""--[^\n]*|/\*.*?\*/|(?P<dollar>\$\w*\$).*?(?P=dollar)"""
    r"""|(?P<quote>['"`])(?P<text>(?:(?!(?P=quote)).|(?P=quote)(?P=quote))*)(?P<end>(?P=quote)|\Z)""",
    re.DOTALL,
)
_ESCAPED = re.compile(_PIECE.pattern.replace("(?:(?!", r"(?:\\.|(?!"), re.DOTALL)
_PREFIXES = {"e", "n", "u&", "r"}
_DIGITS = re.compile(r"[0-9a-f]*", re.IGNORECASE)


def unclosed_quote(text: str, *, backslash: bool) -> int | None:
    """The offset of the quote that is too many, None when all are closed.

    It is the first one that stands against a word, as in `AS id',`; else the last one, which opens and never closes.
    """
    pattern = _ESCAPED if backslash else _PIECE
    strings = [match for match in pattern.finditer(text) if match["quote"]]
    if not strings or strings[-1]["end"]:
        return None
    for match in strings:
        before = re.search(r"[\w&]*$", text[max(0, match.start() - 64) : match.start()])
        word = before[0].lower() if before else ""
        if word and not (word in _PREFIXES or (word in ("b", "x") and _DIGITS.fullmatch(match["text"]))):
            return match.start()
        if match["end"] and re.match(r"\w", text[match.end() : match.end() + 1]):
            return match.end() - 1
    return strings[-1].start()
