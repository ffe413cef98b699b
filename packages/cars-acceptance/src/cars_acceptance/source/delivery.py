"""How a day's changes are delivered: several files, out of order, some rows twice, some a day late."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from random import Random

from cars_acceptance.source.acres import to_acres
from cars_acceptance.source.load import Files
from cars_acceptance.source.planting import PLAN
from cars_acceptance.source.schema import KEYS
from cars_acceptance.source.state import Row, Value, number
from cars_acceptance.source.world import World

FILES_A_DAY = 3
LATE_ROWS = 5
EVENING = time(23, 30)


def send_again(world: World) -> None:
    """Unchanged rows are sent again; the vault must not change."""
    for table in ("acrsi_farm", "business_party", PLAN, "business_party_share"):
        for row in world.pick(table, 2):
            world.state.update(table, row[KEYS[table]], {}, world.day)
            world.touched.add((table, number(row[KEYS[table]])))


def files(rows: list[Row], rng: Random) -> Files:
    """The rows of a table in up to three files, later changes possibly in earlier files, one in ten rows twice."""
    if not rows:
        return []
    sent = rows + rng.sample(rows, len(rows) // 10)
    rng.shuffle(sent)
    count = min(FILES_A_DAY, len(sent))
    return [sent[place::count] for place in range(count)]


def late_plans(world: World, before: Mapping[int, Row]) -> list[Row]:
    """States of some plans from yesterday evening that were never sent; today's changes replaced them."""
    yesterday = world.day - timedelta(days=1)
    changed = [
        row for row in world.state.rows(PLAN) if row["op"] == "U" and _changed_today(world, row, before)
    ]
    rows: list[Row] = []
    for row in changed[:LATE_ROWS]:
        evening: dict[str, Value] = {
            "op": "U",
            "dart_filedate": yesterday,
            "last_change_date": datetime.combine(yesterday, EVENING),
            "crop_field_reported_quantity": to_acres(world.rng.randint(1, 10**7)),
        }
        rows.append({**before[number(row[KEYS[PLAN]])], **evening})
    return rows


def _changed_today(world: World, row: Row, before: Mapping[int, Row]) -> bool:
    former = before.get(number(row[KEYS[PLAN]]))
    changed = row["last_change_date"]
    return former is not None and isinstance(changed, datetime) and changed.date() == world.day
