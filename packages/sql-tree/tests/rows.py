"""Staging rows for the whole tree: few, awkward and full of NULLs, so that keys meet and miss each other."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from sql_tree.model.lineage import staging_columns
from sql_tree.model.tables import Model

TEXTS = (None, "01", " 01 ", "ab", "AB", "", "z")
NUMBERS = (None, 1, 2, 10)


def staged_rows(model: Model, day: date, random: Random, count: int = 12) -> dict[str, list[dict[str, Any]]]:
    """`count` rows for every staging table; change times lie within the day."""
    return {table: _rows(staging_columns(model, table), table, day, random, count) for table in model.staging}


def _rows(
    columns: Mapping[str, str], table: str, day: date, random: Random, count: int
) -> list[dict[str, Any]]:
    identifier = next(iter(columns))
    midnight = datetime.combine(day, time())
    rows = []
    for number in range(count):
        row = {column: _value(type_name, midnight, random) for column, type_name in columns.items()}
        row |= {
            identifier: random.randint(1, 4) if number else 1,
            "cdc_oper_cd": random.choice(["I", "UN", "UN", "D"]),
            "cdc_dt": day,
            "load_dt": midnight,
            "data_src_nm": "CARS_STG",
        }
        rows.append(row)
    return rows


def _value(type_name: str, midnight: datetime, random: Random) -> Any:
    if type_name.startswith("varchar"):
        return random.choice(TEXTS)
    if type_name == "timestamp":
        return random.choice([None, midnight + timedelta(minutes=random.randint(0, 1_439))])
    return random.choice(NUMBERS)
