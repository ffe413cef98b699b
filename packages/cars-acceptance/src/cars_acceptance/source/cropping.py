"""Changes of a day that concern acres: each books its effect on the totals, independently of the rows."""

from decimal import Decimal

from cars_acceptance.source.acres import LARGEST, to_acres, to_units
from cars_acceptance.source.codes import Status
from cars_acceptance.source.controls import Key
from cars_acceptance.source.planting import PLAN, SHARE, add_plan
from cars_acceptance.source.schema import KEYS
from cars_acceptance.source.state import Row, Value, acres
from cars_acceptance.source.world import World

QUANTITY = "crop_field_reported_quantity"
COMPLIANCE = "compliance_detail_history"


def few(world: World, share: float) -> int:
    """The number of plans that a scenario changes: a share of all, at least one."""
    return max(1, int(len(world.state.tables[PLAN]) * share))


def move_acres(world: World) -> None:
    """Acres move between plans of the same total; no total changes."""
    by_key: dict[Key, Row] = {}
    pairs: list[tuple[Row, Row]] = []
    for plan in world.pick(PLAN, few(world, 0.2)):
        other = by_key.pop(world.key_of(plan), None)
        if other is None:
            by_key[world.key_of(plan)] = plan
        else:
            pairs.append((other, plan))
    for giver, taker in pairs[: few(world, 0.02)]:
        part = part_of(world, giver)
        if part:
            world.update(PLAN, giver[KEYS[PLAN]], {QUANTITY: acres(giver[QUANTITY]) - part})
            world.update(PLAN, taker[KEYS[PLAN]], {QUANTITY: acres(taker[QUANTITY]) + part})


def fail_part(world: World) -> None:
    """A part of a planted plan fails: the plan shrinks, a failed plan appears."""
    for plan in world.pick(PLAN, few(world, 0.01), _planted):
        part = part_of(world, plan)
        if not part:
            continue
        key = world.key_of(plan)
        failed = Key(key.line, Status.FAILED.value)
        world.update(PLAN, plan[KEYS[PLAN]], {QUANTITY: acres(plan[QUANTITY]) - part})
        add_plan(world, failed, part, world.state.row("tract", plan["tract_identifier"]))
        world.totals.add(key, -part)
        world.totals.add(failed, part)


def correct(world: World) -> None:
    """The acres of a plan were reported wrong; the total changes by the difference."""
    for plan in world.pick(PLAN, few(world, 0.01)):
        set_acres(world, plan, _corrected(world, plan))


def correct_twice(world: World) -> None:
    """A plan is corrected in the morning and again in the afternoon."""
    for plan in world.pick(PLAN, few(world, 0.005)):
        set_acres(world, plan, _corrected(world, plan))
        again = world.state.row(PLAN, plan[KEYS[PLAN]])
        set_acres(world, again, _corrected(world, again))


def change_crop(world: World) -> None:
    """A plan turns out to be another crop of its county: its acres change totals."""
    for plan in world.pick(PLAN, few(world, 0.005)):
        key = world.key_of(plan)
        others = [
            other for other in world.totals.snapshot() if other.line.area == key.line.area and other != key
        ]
        if not others:
            continue
        new = world.rng.choice(others)
        world.update(
            PLAN,
            plan[KEYS[PLAN]],
            {
                "fsa_crop_code": new.line.crop,
                "fsa_crop_type_code": new.line.crop_type,
                "crop_intended_use_code": new.line.use,
                "irrigation_practice_code": new.line.irrigation,
                "planting_primary_status_code": new.status,
            },
        )
        world.totals.add(key, -acres(plan[QUANTITY]))
        world.totals.add(new, acres(plan[QUANTITY]))


def add_plans(world: World) -> None:
    """New plans of crops the county has already."""
    keys = list(world.totals.snapshot())
    for tract in world.pick("tract", few(world, 0.01)):
        report = world.report_of(tract["tract_identifier"])
        area = report["state_fsa_code"], report["county_fsa_code"]
        grown = [key for key in keys if key.line.area == area]
        if grown:
            world.book(
                world.state.row(PLAN, add_plan(world, world.rng.choice(grown), _new_acres(world), tract)), 1
            )


def drop_plans(world: World) -> None:
    """Plans are deleted, with their shares and compliance rows."""
    for plan in world.pick(PLAN, few(world, 0.005)):
        world.book(plan, -1)
        remove(world, plan)


def replace_plans(world: World) -> None:
    """Plans are deleted and come back the same day, with the same identifiers and other acres."""
    for plan in world.pick(PLAN, few(world, 0.003)):
        world.book(plan, -1)
        children = remove(world, plan)
        put_back(world, PLAN, {**plan, QUANTITY: _corrected(world, plan)})
        for table, row in children:
            put_back(world, table, row)
        world.book(world.state.row(PLAN, plan[KEYS[PLAN]]), 1)


def bring_back(world: World) -> None:
    """Plans deleted on an earlier day come back; their shares do not."""
    gone = [
        row
        for row in world.state.deleted[PLAN].values()
        if world.untouched(PLAN, row) and row["tract_identifier"] in world.state.tables["tract"]
    ]
    for plan in gone[: few(world, 0.003)]:
        put_back(world, PLAN, plan)
        world.book(plan, 1)


def come_and_go(world: World) -> None:
    """A plan is entered by mistake and removed an hour later; no total changes."""
    keys = list(world.totals.snapshot())
    if not keys:
        return
    for tract in world.pick("tract", 2):
        plan = add_plan(world, world.rng.choice(keys), _new_acres(world), tract)
        remove(world, world.state.row(PLAN, plan))


def remove(world: World, plan: Row) -> list[tuple[str, Row]]:
    """Delete a plan after its shares and compliance rows; returns those. Books nothing."""
    identifier = plan[KEYS[PLAN]]
    children = [
        (table, row)
        for table in (SHARE, COMPLIANCE)
        for row in world.state.children(table, KEYS[PLAN], identifier)
    ]
    for table, row in children:
        world.delete(table, row[KEYS[table]])
    world.delete(PLAN, identifier)
    return children


def put_back(world: World, table: str, row: Row) -> None:
    """Insert a deleted row again, changed now."""
    world.insert(table, {**row, "last_change_date": world.clock.tick()})


def set_acres(world: World, plan: Row, quantity: Decimal) -> None:
    """Report other acres for a plan, and book the difference."""
    world.update(PLAN, plan[KEYS[PLAN]], {QUANTITY: quantity})
    world.totals.add(world.key_of(plan), quantity - acres(plan[QUANTITY]))


def part_of(world: World, plan: Row) -> Decimal | None:
    """Some of the acres of a plan, more than zero and not all; None when it has a single unit."""
    units = to_units(acres(plan[QUANTITY]))
    return to_acres(world.rng.randrange(1, units)) if units > 1 else None


def _corrected(world: World, plan: Row) -> Decimal:
    units = to_units(acres(plan[QUANTITY]))
    most = min(units + units // 2 + 1, to_units(LARGEST))
    return to_acres(world.rng.randint(max(1, units // 2), most))


def _new_acres(world: World) -> Decimal:
    return to_acres(world.rng.choice((1, 1000, 10000)) * world.rng.randint(1, 9000))


def _planted(plan: Row) -> bool:
    status: Value = plan["planting_primary_status_code"]
    return status == Status.PLANTED.value
