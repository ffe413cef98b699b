"""The tokens `{NAME}` that a script may use, and their values.

A value is made from a date or a checked name, so that no text from outside reaches a script.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta

from datamart_exec.errors import DatamartError, shown

TOKEN = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")


def values(run_date: date, env: str) -> dict[str, str]:
    """Every token and its value, for a run of this date in this environment."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", env):
        raise DatamartError(f"env must be lower-case letters, digits, - and _, got {shown(env)}")
    if run_date == date.max:
        raise DatamartError(f"start_date {run_date} has no next day")
    day, following = run_date.isoformat(), (run_date + timedelta(days=1)).isoformat()
    compact = day.replace("-", "")
    year, month, day_of_month = day.split("-")
    return {
        "ETL_START_DATE": day,
        "ETL_END_DATE": day,
        "ETL_DATE": day,
        "SYSTEM_DATE": day,
        "ETL_START_TIMESTAMP": f"{day} 00:00:00.000000",
        "ETL_END_TIMESTAMP": f"{following} 00:00:00.000000",
        "ETL_DATE_YYYYMMDD": compact,
        "ETL_START_DATE_YYYYMMDD": compact,
        "ETL_YEAR": year,
        "ETL_MONTH": month,
        "ETL_DAY": day_of_month,
        "ENV": env.upper(),
        "env": env,
    }


def bind(script: str, text: str, known: Mapping[str, str]) -> str:
    """Replace every token in `text`. The error for an unknown token names script, line, token and all known tokens."""

    def value(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in known:
            line = text.count("\n", 0, match.start()) + 1
            raise DatamartError(
                f"{script}, line {line}: unknown token {{{name}}}; known are {', '.join(sorted(known))}"
            )
        return known[name]

    return TOKEN.sub(value, text)
