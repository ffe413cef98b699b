"""Dates as arguments, partitions and literals spell them. Imports nothing heavy: the compile-time check needs it."""

from __future__ import annotations

import re
from datetime import date

from datamart_exec.errors import shown


def iso_date(text: str) -> date:
    """A date of exactly `YYYY-MM-DD`; raises ValueError for any other text."""
    try:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"must be YYYY-MM-DD, got {shown(text)}") from None
