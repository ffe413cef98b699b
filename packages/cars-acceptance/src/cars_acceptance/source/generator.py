"""`Generator`: the CARS source from a seed, day after day."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

from cars_acceptance.source import cropping, delivery, land, people
from cars_acceptance.source.controls import ZERO, ControlTotals, Key, Totals
from cars_acceptance.source.errors import SourceError
from cars_acceptance.source.farms import Area, add_farm, farms_per_area
from cars_acceptance.source.load import Expected, Load
from cars_acceptance.source.planting import PLAN, add_elections, plant
from cars_acceptance.source.state import Row, State, acres, number
from cars_acceptance.source.world import World

Scenario = Callable[[World], None]

# The scenarios of a day in order: parents move and disappear before other scenarios change their children.
SCENARIOS: Sequence[Scenario] = (
    land.remove_tract,
    land.move_tracts,
    people.part_company,
    cropping.move_acres,
    cropping.fail_part,
    cropping.correct,
    cropping.correct_twice,
    cropping.change_crop,
    cropping.add_plans,
    cropping.drop_plans,
    cropping.replace_plans,
    cropping.bring_back,
    cropping.come_and_go,
    land.open_farm,
    land.work_fields,
    people.reshare,
    people.elect,
    people.inspect,
    people.certify,
    people.keep_references,
    delivery.send_again,
)


class Generator:
    """A source whose acreage adds up to control totals; the same arguments give the same rows.

    Call `initial_load` once, then `next_day` as often as wanted. Comparisons use the generator's state as the reference.
    """

    def __init__(self, control: ControlTotals, *, farms: int, day: date, seed: int) -> None:
        self.control = control
        self.farms = farms
        self.world = World(State(), Totals({}), Random(f"cars-{seed}"), day)  # noqa: S311 data, not secrets
        self._days = 0

    def initial_load(self) -> Load:
        """All farms with the control totals planted; every table's final zone, no change files."""
        world = self.world
        world.state.begin()
        _references(world, self.control)
        tracts = _farms(world, farms_per_area(self.control.acres, self.farms))
        for key, total in sorted(self.control.acres.items(), key=lambda item: item[0].sortable()):
            plant(world, key, total, [world.state.row("tract", tract) for tract in tracts[key.line.area]])
            world.totals.add(key, total)
        add_elections(world)
        self._check()
        final = _rows(world.state, world.state.tables)
        return Load(world.day, True, final, self._expected(_counts(final)))

    def next_day(self) -> Load:
        """The changes of the following day, the final zone of changed tables, late files for the day before."""
        world = self.world
        before = dict(world.state.tables[PLAN])
        world.begin(world.day + timedelta(days=1))
        for scenario in SCENARIOS:
            scenario(world)
        self._check()
        self._days += 1
        changed = [table for table, rows in world.state.journal.items() if rows]
        changes = {table: delivery.files(world.state.journal[table], world.rng) for table in changed}
        expected = self._expected({table: sum(map(len, files)) for table, files in changes.items()})
        late = delivery.late_plans(world, before) if self._days > 1 else []
        late_files = {world.day - timedelta(days=1): {PLAN: [late]}} if late else {}
        return Load(world.day, False, _rows(world.state, changed), expected, changes, late_files)

    def _expected(self, delivered: Mapping[str, int]) -> Expected:
        current = {table: len(rows) for table, rows in self.world.state.tables.items()}
        every = {table: delivered.get(table, 0) for table in current}
        return Expected(self.world.totals.snapshot(), every, current)

    def _check(self) -> None:
        """Raise unless the rows' acres equal the booked totals: this detects a scenario that books no change."""
        booked, found = self.world.totals.snapshot(), acres_of(self.world)
        for key in sorted(booked.keys() | found.keys(), key=Key.sortable):
            if booked.get(key, ZERO) != found.get(key, ZERO):
                raise SourceError(
                    f"the generator contradicts itself on {self.world.day}: {key.text()} has "
                    f"{found.get(key, ZERO)} acres in plans, {booked.get(key, ZERO)} booked"
                )


def acres_of(world: World) -> dict[Key, Decimal]:
    """The acres of the current plans by control total, added up from the rows."""
    totals: dict[Key, Decimal] = {}
    for plan in world.state.rows(PLAN):
        key = world.key_of(plan)
        totals[key] = totals.get(key, ZERO) + acres(plan["crop_field_reported_quantity"])
    return totals


def _references(world: World, control: ControlTotals) -> None:
    """Program years and the crop types of the control totals."""
    for year in (world.program_year - 1, world.program_year):
        world.insert(
            "program_year",
            {
                "program_year": year,
                "effective_period_start_date": datetime(year - 1, 10, 1),  # noqa: DTZ001 the source has no zones
                "effective_period_end_date": datetime(year, 9, 30),  # noqa: DTZ001
                "default_program_year_indicator": "Y" if year == world.program_year else "N",
            },
        )
    lines = {(key.line.crop, key.line.crop_type, key.line.use) for key in control.acres}
    for crop, crop_type, use in sorted(lines, key=lambda codes: tuple(code or "" for code in codes)):
        world.insert(
            "crop_type",
            {
                "fsa_crop_code": crop,
                "fsa_crop_type_code": crop_type,
                "crop_intended_use_code": use,
                "program_year": world.program_year,
                "cars_crop_classification_code": world.rng.choice(("A", "B", None)),
            },
        )


def _farms(world: World, counts: Mapping[Area, int]) -> dict[Area, list[int]]:
    """Farms of every county; returns the identifiers of their tracts by county."""
    tracts: dict[Area, list[int]] = {area: [] for area in counts}
    for area, count in sorted(counts.items()):
        neighbours = [other for other in sorted(counts) if other != area and other[0] == area[0]]
        for _ in range(count):
            report = add_farm(world, area, neighbours)
            for tract in world.state.children("tract", "crop_acreage_report_identifier", report):
                tracts[area].append(number(tract["tract_identifier"]))
    return tracts


def _rows(state: State, tables: Iterable[str]) -> dict[str, list[Row]]:
    """The current rows of tables, by identifier."""
    return {
        table: [state.tables[table][key] for key in sorted(state.tables[table])] for table in sorted(tables)
    }


def _counts(tables: Mapping[str, list[Row]]) -> dict[str, int]:
    return {table: len(rows) for table, rows in tables.items()}
