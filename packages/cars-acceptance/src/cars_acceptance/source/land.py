"""Changes of a day that concern farms, tracts and fields: moves to another farm, removals with children."""

from cars_acceptance.source import words
from cars_acceptance.source.acres import to_acres
from cars_acceptance.source.cropping import few, remove
from cars_acceptance.source.farms import add_farm, add_field, join_tract, parties_of
from cars_acceptance.source.planting import PLAN, SHARE, add_plan, add_shares
from cars_acceptance.source.schema import KEYS
from cars_acceptance.source.state import Row, number
from cars_acceptance.source.world import World, area_of

INTEREST = "tract_business_party"
REPORT = "crop_acreage_report"


def move_tracts(world: World) -> None:
    """A tract moves to another farm of its county, and one to a farm of another county if there is one."""
    _move(world, same_county=True)
    _move(world, same_county=False)


def _move(world: World, *, same_county: bool) -> None:
    for tract in world.pick("tract", 1, lambda row: _quiet(world, row)):
        home = world.report_of(tract[KEYS["tract"]])
        farms = [
            report
            for report in world.state.rows(REPORT)
            if report is not home and (area_of(report) == area_of(home)) is same_county
        ]
        if farms:
            move_tract(world, tract, world.rng.choice(farms))


def move_tract(world: World, tract: Row, farm: Row) -> None:
    """Put a tract under another report: its fields and plans are sent again, interests and shares are recreated."""
    identifier = tract[KEYS["tract"]]
    plans = world.state.children(PLAN, KEYS["tract"], identifier)
    for plan in plans:
        world.book(plan, -1)
        for share in world.state.children(SHARE, KEYS[PLAN], plan[KEYS[PLAN]]):
            world.delete(SHARE, share[KEYS[SHARE]])
    for interest in world.state.children(INTEREST, KEYS["tract"], identifier):
        world.delete(INTEREST, interest[KEYS[INTEREST]])
    world.update("tract", identifier, {KEYS[REPORT]: farm[KEYS[REPORT]]})
    for party in parties_of(world, farm[KEYS[REPORT]]):
        join_tract(world, identifier, party)
    for field in world.state.children("field", KEYS["tract"], identifier):
        world.update("field", field[KEYS["field"]], {})
    for plan in plans:
        world.update(PLAN, plan[KEYS[PLAN]], {})
        add_shares(world, number(plan[KEYS[PLAN]]))
        world.book(plan, 1)


def remove_tract(world: World) -> None:
    """A tract is deleted with its compliance rows, shares, plans, fields and interests."""
    several = [
        row for row in world.pick("tract", 20, lambda row: _quiet(world, row)) if _is_not_the_last(world, row)
    ]
    for tract in several[:1]:
        identifier = tract[KEYS["tract"]]
        for plan in world.state.children(PLAN, KEYS["tract"], identifier):
            world.book(plan, -1)
            remove(world, plan)
        for table in ("field", INTEREST):
            for row in world.state.children(table, KEYS["tract"], identifier):
                world.delete(table, row[KEYS[table]])
        world.delete("tract", identifier)


def open_farm(world: World) -> None:
    """A new farm in a county with the county's crops; none when the county has no plans."""
    keys = list(world.totals.snapshot())
    if not keys:
        return
    area = world.rng.choice(sorted({key.line.area for key in keys}))
    report = add_farm(world, area, [])
    grown = [key for key in keys if key.line.area == area]
    for tract in world.state.children("tract", KEYS[REPORT], report):
        plan = add_plan(world, world.rng.choice(grown), to_acres(world.rng.randint(1, 50_00000)), tract)
        world.book(world.state.row(PLAN, plan), 1)


def work_fields(world: World) -> None:
    """Fields are remeasured and added; tracts get new descriptions, farms a new user."""
    for field in world.pick("field", few(world, 0.005)):
        world.update(
            "field", field[KEYS["field"]], {"cropland_indicator": world.rng.choice(("Y", "N", None))}
        )
    for tract in world.pick("tract", 3):
        number_of_fields = len(world.state.children("field", KEYS["tract"], tract[KEYS["tract"]]))
        location = str(tract["location_state_fsa_code"]), str(tract["location_county_fsa_code"])
        add_field(world, number(tract[KEYS["tract"]]), 10 + number_of_fields, location)
    for tract in world.pick("tract", 3):
        world.update("tract", tract[KEYS["tract"]], {"tract_description": words.description(world.rng)})
    for farm in world.pick("acrsi_farm", 3):
        world.update(
            "acrsi_farm", farm[KEYS["acrsi_farm"]], {"data_status_code": world.rng.choice(("A", "I"))}
        )


def _quiet(world: World, tract: Row) -> bool:
    """Whether no row of the tract was changed today, so a change of its parents cannot contradict one."""
    state, identifier = world.state, tract[KEYS["tract"]]
    plans = state.children(PLAN, KEYS["tract"], identifier)
    rows = [(PLAN, row) for row in plans]
    rows += [
        (table, row)
        for table in ("field", INTEREST)
        for row in state.children(table, KEYS["tract"], identifier)
    ]
    rows += [
        (table, row)
        for plan in plans
        for table in (SHARE, "compliance_detail_history")
        for row in state.children(table, KEYS[PLAN], plan[KEYS[PLAN]])
    ]
    return all(world.untouched(table, row) for table, row in rows)


def _is_not_the_last(world: World, tract: Row) -> bool:
    return len(world.state.children("tract", KEYS[REPORT], tract[KEYS[REPORT]])) > 1
