"""Regular expressions: the part of Java's language that means the same in DuckDB's RE2."""

from __future__ import annotations

import re

PLAIN = r"[^\\^$.|?*+()\[\]{}]"  # a character that means itself
SET = r"\[\^?(?:[^\W_]-[^\W_]|[\w ,;:/@#'\"=<>~!%.*+?(){}|$-])+\]"
COUNT = r"(?:[*+?]|\{[0-9]{1,3}(?:,(?:[0-9]{1,3})?)?\})"
TOKEN = re.compile(rf"(?:{PLAIN}|{SET}|\.|\)){COUNT}?|\^|\$|\((?!\?)|\|")
QUANTIFIED_GROUP = re.compile(rf"\){COUNT}")
SETS = re.compile(SET)
LINE_END = r"(?:\r\n|[\n\r\x{85}\x{2028}\x{2029}])?\z"  # where Java's $ matches
ANY = r"[^\n\r\x{85}\x{2028}\x{2029}]"  # what Java's dot matches
ALLOWED = "letters, digits, [...], (...), |, ^, the dot, * + ? {n,m}"


def problem(text: str, *, searching: bool) -> str | None:
    """Why a pattern is not proven equal; None for one that is. `searching` tells only whether it occurs."""
    if not _readable(text):
        return f"with the pattern '{text}' is not proven equal: only {ALLOWED} are"
    if searching:
        return None
    if "$" in SETS.sub("", text) or QUANTIFIED_GROUP.search(text):
        return f"with $ or a repeated group in '{text}' is not proven equal; only RLIKE may have them"
    if re.search(text, ""):
        return f"with a pattern that an empty text matches ('{text}') is not proven equal"
    return None


def groups(text: str) -> int:
    return re.compile(text).groups


def duckdb_pattern(text: str) -> str:
    """The pattern with Java's meaning of dot and dollar, spelled for RE2."""
    pieces = re.split(rf"({SET})", text)
    return "".join(
        piece if index % 2 else piece.replace("$", LINE_END).replace(".", ANY)
        for index, piece in enumerate(pieces)
    )


def _readable(text: str) -> bool:
    position = 0
    while position < len(text):
        match = TOKEN.match(text, position)
        if match is None:
            return False
        position = match.end()
    try:
        re.compile(text)
    except re.error:
        return False
    return True
