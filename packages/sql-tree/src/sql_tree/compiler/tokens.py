"""The tokens `{NAME}` a script may use, each bound to a sample value that parses wherever a run's value does.

The Glue job binds the values of a run; a test keeps this list equal to the job's.
"""

import re
from collections.abc import Iterator

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


def bind(text: str) -> str:
    """`text` with every token replaced by its sample value."""
    return _TOKEN.sub(lambda match: SAMPLES.get(match[1], _UNKNOWN), text)


def unknown_tokens(text: str) -> Iterator[tuple[int, str]]:
    """Line and message of every token that no run binds."""
    for match in _TOKEN.finditer(text):
        if match[1] not in SAMPLES:
            line = text.count("\n", 0, match.start()) + 1
            yield line, f"unknown token {match[0]}; known are {', '.join(SAMPLES)}"


def with_env_token(name: str) -> str:
    """A table name of a bound script with the token `{env}` in place of its sample value."""
    return name.replace(SAMPLES["env"], "{env}")
