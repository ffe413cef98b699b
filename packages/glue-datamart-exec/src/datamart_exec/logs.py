"""Structured logs: one JSON object per line on standard output, with names and counts, never rows or SQL text."""

from __future__ import annotations

import json
import logging
import sys
from datetime import datetime, timezone

LOGGER = logging.getLogger("datamart_exec")
_fields: dict[str, object] = {}


class JsonFormatter(logging.Formatter):
    """A record as one line of JSON: time, level, message, the run's fields, the record's fields."""

    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created, timezone.utc).isoformat(timespec="milliseconds")
        own = getattr(record, "fields", {})
        line = {
            "timestamp": time,
            "level": record.levelname,
            "message": record.getMessage(),
            **_fields,
            **own,
        }
        return json.dumps(line, default=str, ensure_ascii=False)


def start(**fields: object) -> None:
    """Start logging to standard output, with these fields (execution, layer, table...) on every line."""
    _fields.clear()
    _fields.update(fields)
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter())
    LOGGER.handlers[:] = [handler]
    LOGGER.propagate = False
    LOGGER.setLevel(logging.INFO)


def info(message: str, **fields: object) -> None:
    LOGGER.info(message, extra={"fields": fields})


def warning(message: str, **fields: object) -> None:
    LOGGER.warning(message, extra={"fields": fields})


def error(message: str, **fields: object) -> None:
    LOGGER.error(message, extra={"fields": fields})
