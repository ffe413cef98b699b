import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from cars_acceptance.source import generator as generator_module
from cars_acceptance.source import published, schema, zones
from cars_acceptance.source.acres import to_acres
from cars_acceptance.source.codes import Status, use_code
from cars_acceptance.source.controls import ControlTotals, Key, Line
from cars_acceptance.source.errors import SourceError
from cars_acceptance.source.generator import Generator, acres_of
from cars_acceptance.source.load import Load
from cars_acceptance.source.planting import PLAN, SHARE
from cars_acceptance.source.schema import KEYS
from cars_acceptance.source.state import Row, State, acres, number
from cars_acceptance.source.world import World

from .repository import car_configs

DAY = date(2026, 6, 1)
# child column -> parent table; every value must be the identifier of a current row
PARENTS = {
    ("agricultural_production_plan", "tract_identifier"): "tract",
    ("business_party", "crop_acreage_report_identifier"): "crop_acreage_report",
    ("business_party_share", "agricultural_production_plan_identifier"): "agricultural_production_plan",
    ("business_party_share", "business_party_identifier"): "business_party",
    ("business_party_share", "tract_business_party_identifier"): "tract_business_party",
    ("business_party_share", "tract_identifier"): "tract",
    ("compliance_detail_history", "agricultural_production_plan_identifier"): "agricultural_production_plan",
    ("continuous_plan_certification_election", "business_party_identifier"): "business_party",
    ("continuous_plan_certification_election", "crop_type_identifier"): "crop_type",
    ("field", "tract_identifier"): "tract",
    ("tract", "crop_acreage_report_identifier"): "crop_acreage_report",
    ("tract_business_party", "business_party_identifier"): "business_party",
    ("tract_business_party", "tract_identifier"): "tract",
}


def made(seed: int = 1, farms: int = 40, control: ControlTotals | None = None) -> Generator:
    return Generator(control or published.builtin(), farms=farms, day=DAY, seed=seed)


def days(generator: Generator, count: int) -> Iterator[Load]:
    yield generator.initial_load()
    for _ in range(count):
        yield generator.next_day()


def dangling(state: State) -> list[str]:
    return [
        f"{table}.{column} {row[column]}"
        for (table, column), parent in PARENTS.items()
        for row in state.rows(table)
        if row[column] not in state.tables[parent]
    ]


def changed(row: Row) -> datetime:
    moment = row["last_change_date"]
    assert isinstance(moment, datetime)
    return moment


def sent(load: Load, table: str) -> list[Row]:
    return [row for rows in load.changes.get(table, []) for row in rows]


def objects(seed: int) -> list[zones.Object]:
    target = zones.Zones("bucket", "cars", schema.read(car_configs()))
    return [item for load in days(made(seed), 2) for item in target.objects(load)]


def test_the_same_seed_gives_the_same_bytes_in_another_process() -> None:
    script = (
        "import hashlib, sys; sys.path[:0] = sys.argv[1:]; from tests.source.test_generator import objects;"
        "print(hashlib.sha256(repr(objects(7)).encode()).hexdigest())"
    )
    root = str(car_configs().parent / "packages" / "cars-acceptance")
    digests = {
        subprocess.run(
            [sys.executable, "-c", script, root],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for hash_seed in ("1", "2")
    }
    assert len(digests) == 1


def test_another_seed_gives_other_rows_with_the_same_totals() -> None:
    first, second = made(1), made(2)
    one, other = first.initial_load(), second.initial_load()
    assert one.final != other.final
    assert one.expected.acres == other.expected.acres == published.builtin().acres


def test_the_initial_load_has_the_control_totals_exactly() -> None:
    generator = made()
    load = generator.initial_load()
    assert acres_of(generator.world) == dict(published.builtin().acres)
    assert min(acres(row["crop_field_reported_quantity"]) for row in load.final[PLAN]) > 0


def line_of(crop: int, irrigation: str) -> Line:
    return Line("91", f"{crop % 3 + 1:03d}", f"{crop:04d}", None, use_code("Grain"), irrigation)


keys = st.builds(
    Key,
    st.builds(line_of, st.integers(1, 6), st.sampled_from("INO")),
    st.sampled_from([status.value for status in Status]),
)
acreages = st.one_of(
    st.just(Decimal("0.00001")), st.integers(1, 10**13).map(to_acres), st.integers(1, 300).map(Decimal)
)


# the only plan there is goes on one of the days
@example({Key(line_of(1, "I"), Status.PLANTED.value): Decimal("0.00001")}, 0, 4)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(keys, acreages, min_size=1, max_size=12), st.integers(0, 2**32), st.integers(3, 12))
def test_acres_add_up_to_any_totals_after_every_day(
    totals: dict[Key, Decimal], seed: int, farms: int
) -> None:
    generator = made(seed, farms, ControlTotals(totals))
    for place, load in enumerate(days(generator, 2)):
        assert load.expected.acres == {
            key: value for key, value in acres_of(generator.world).items() if value
        }
        assert place or load.expected.acres == totals
        assert all(value > 0 for value in load.expected.acres.values())
        assert not dangling(generator.world.state)


def test_every_child_has_its_parent_after_every_day() -> None:
    generator = made()
    for _ in days(generator, 5):
        assert dangling(generator.world.state) == []


def test_shares_of_every_plan_add_up_to_a_hundred_after_every_day() -> None:
    generator = made()
    for _ in days(generator, 5):
        sums: dict[object, Decimal] = {}
        for row in generator.world.state.rows(SHARE):
            plan, percent = row["agricultural_production_plan_identifier"], row["crop_share_percent"]
            assert isinstance(percent, Decimal)
            sums[plan] = sums.get(plan, Decimal(0)) + percent
        assert set(sums.values()) == {Decimal(100)}


def test_a_day_has_every_kind_of_change() -> None:
    generator = made(farms=60)
    loads = list(days(generator, 3))
    assert all({row["op"] for row in sent(load, PLAN)} == {"I", "U", "D"} for load in loads[1:])
    day = loads[2]
    rows = sent(day, PLAN)
    by_plan: dict[object, list[Row]] = {}
    for row in rows:
        by_plan.setdefault(row[KEYS[PLAN]], []).append(row)
    versions = {plan: len({row["last_change_date"] for row in same}) for plan, same in by_plan.items()}
    operations = [{row["op"] for row in same} for same in by_plan.values()]
    assert max(versions.values()) > 1, "no row changes twice"
    assert any(same.count(row) > 1 for same in by_plan.values() for row in same), "no row is sent twice"
    assert {"I", "D"} in operations, "no plan is deleted and comes back, or comes and goes"
    assert any(row["op"] == "D" for row in sent(day, "tract")), "no parent goes with its children"
    reports = {
        row["tract_identifier"]: row["crop_acreage_report_identifier"] for row in loads[0].final["tract"]
    }
    moved = [
        row
        for row in sent(day, "tract")
        if reports.get(row["tract_identifier"], 0) not in (0, row["crop_acreage_report_identifier"])
    ]
    assert moved, "no tract goes to another farm"
    earlier = {
        row[KEYS[PLAN]] for load in loads[:2] for row in (*load.final.get(PLAN, ()), *sent(load, PLAN))
    }
    gone = earlier - {row[KEYS[PLAN]] for row in loads[1].final[PLAN]}
    assert gone & {row[KEYS[PLAN]] for row in loads[2].final[PLAN]}, "no plan of an earlier day comes back"


def test_changes_come_in_several_files_out_of_order() -> None:
    generator = made()
    generator.initial_load()
    files = generator.next_day().changes[PLAN]
    times = [[changed(row) for row in rows] for rows in files]
    assert len(files) == 3
    assert max(times[0]) > min(times[1])
    assert any(rows != sorted(rows) for rows in times)


def test_late_rows_lie_between_what_was_sent_and_what_is_current() -> None:
    generator = made()
    _, first, second = days(generator, 2)
    assert first.late == {}
    late = [row for files in second.late[first.day].values() for rows in files for row in rows]
    before = {number(row[KEYS[PLAN]]): row for row in first.final[PLAN]}
    now = {number(row[KEYS[PLAN]]): row for row in second.final[PLAN]}
    assert second.late_rows == len(late) > 0
    for row in late:
        plan = number(row[KEYS[PLAN]])
        assert row["dart_filedate"] == first.day
        assert changed(before[plan]) < changed(row) < changed(now[plan])


def test_some_tables_have_no_changes_on_some_days() -> None:
    generator = made()
    generator.initial_load()
    quiet = [{table for table in KEYS if table not in generator.next_day().changes} for _ in range(2)]
    assert quiet == [{"crop_type"}, {"program_year"}] or quiet == [{"program_year"}, {"crop_type"}]


def test_expected_counts_are_those_of_the_rows() -> None:
    for load in days(made(), 2):
        for table, rows in load.final.items():
            assert load.expected.current[table] == len(rows)
            assert load.expected.delivered[table] == (len(rows) if load.initial else len(sent(load, table)))


def test_text_has_nulls_case_spaces_quotes_and_other_scripts() -> None:
    rows = made().initial_load().final
    descriptions = [row["tract_description"] for row in rows["tract"]]
    known = {row["farm_number"] for row in rows["crop_acreage_report"]}
    spelled = {row["farm_number"] for row in rows["acrsi_farm"]} - known
    text = "".join(str(value) for value in descriptions)
    assert None in descriptions
    assert all(sign in text for sign in ("ñ", '"', "\t", "|", "'"))
    assert any(str(text) != str(text).strip() for text in spelled)
    assert {str(text).strip().upper() for text in spelled} <= known


def test_too_few_farms_for_the_counties_are_refused() -> None:
    with pytest.raises(
        SourceError, match=r"3 farms are too few for the 4 counties .*; give --farms 4 or more"
    ):
        made(farms=3).initial_load()


def test_one_farm_per_county_is_enough() -> None:
    generator = made(farms=4)
    *_, last = days(generator, 3)
    assert acres_of(generator.world) == last.expected.acres


def test_a_scenario_that_does_not_book_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def forgetful(world: World) -> None:
        plan = world.pick(PLAN, 1)[0]
        world.update(PLAN, plan[KEYS[PLAN]], {"crop_field_reported_quantity": Decimal("0.00001")})

    monkeypatch.setattr(generator_module, "SCENARIOS", (forgetful,))
    generator = made()
    generator.initial_load()
    with pytest.raises(
        SourceError, match=rf"contradicts itself on {DAY + timedelta(days=1)}: .* acres in plans, .* booked"
    ):
        generator.next_day()
