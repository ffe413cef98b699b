"""Loads and runs as the tests use them."""

from datetime import date, datetime, timezone
from typing import Any

import psycopg
from psycopg.rows import TupleRow

from process_control.ledger import RunKey, TableLoad

Connection = psycopg.Connection[TupleRow]
NOW = datetime(2026, 5, 4, 3, 2, 1, tzinfo=timezone.utc)
RUN = RunKey("CARS", "incremental", date(2026, 5, 3))


def load_of(table_name: str = "FARM_H", layer: str = "EDV", **changed: Any) -> TableLoad:
    values: dict[str, Any] = {
        "run": RUN,
        "layer": layer,
        "table_name": table_name,
        "release": "0f" * 16,
        "input_digest": "ab" * 32,
        "execution": "nightly-1",
        "job_run_id": f"jr_{table_name}",
    }
    return TableLoad(**(values | changed))
