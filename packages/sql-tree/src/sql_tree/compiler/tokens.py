"""The tokens `{NAME}` a script may use, each bound to a sample value that parses wherever a run's value does.

The Glue job binds the values of a run; a test keeps this list equal to the job's.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

SAMPLES = {
    **dict.fromkeys(("ETL_START_DATE", "ETL_END_DATE", "ETL_DATE", "SYSTEM_DATE"), "2001-02-03"),
    **dict.fromkeys(("ETL_START_TIMESTAMP", "ETL_END_TIMESTAMP"), "2001-02-03 00:00:00.000000"),
    **dict.fromkeys(("ETL_DATE_YYYYMMDD", "ETL_START_DATE_YYYYMMDD"), "20010203"),
    "ETL_YEAR": "2001",
    "ETL_MONTH": "02",
    "ETL_DAY": "03",
    "ENV": "TOKENENV",
    "env": "tokenenv",
}
_TOKEN = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
_UNKNOWN = "0"  # parses as a value, so that the rest of the script is checked too


@dataclass(frozen=True, slots=True)
class Bound:
    """A script's text with sample values; finds the line and column of the original text again."""

    text: str
    original: str
    starts: tuple[tuple[int, int], ...]  # after each token: offset in `text`, offset in `original`

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column, from 1, of an offset of `text`."""
        return place(self.original, self._original(offset))

    def original_part(self, start: int, end: int) -> str:
        """The original of a part of `text`."""
        return self.original[self._original(start) : self._original(end)]

    def _original(self, offset: int) -> int:
        at = bisect_right(self.starts, (offset, len(self.original))) - 1
        bound, original = self.starts[at] if at >= 0 else (0, 0)
        return min(original + offset - bound, len(self.original))


def place(text: str, offset: int) -> tuple[int, int]:
    """Line and column, from 1, of an offset."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def bind(text: str) -> Bound:
    """`text` with every token replaced by its sample value."""
    parts: list[str] = []
    starts: list[tuple[int, int]] = []
    done = length = 0
    for match in _TOKEN.finditer(text):
        parts += [text[done : match.start()], SAMPLES.get(match[1], _UNKNOWN)]
        length += len(parts[-2]) + len(parts[-1])
        done = match.end()
        starts.append((length, done))
    return Bound("".join([*parts, text[done:]]), text, tuple(starts))


def unknown_tokens(text: str) -> Iterator[tuple[int, str]]:
    """Offset and message of every token that no run binds."""
    for match in _TOKEN.finditer(text):
        if match[1] not in SAMPLES:
            yield match.start(), f"unknown token {match[0]}; known are {', '.join(SAMPLES)}"


def with_env_token(name: str) -> str:
    """A table name of a bound script with the token `{env}` in place of its sample value."""
    return name.replace(SAMPLES["env"], "{env}")
