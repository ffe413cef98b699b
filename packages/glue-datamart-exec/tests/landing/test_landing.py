"""The layer LANDING from outside: objects in, states and changes out."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from landing_world import LandingZone

D1, D2, D3 = (date(2026, 6, day) for day in (1, 2, 3))


def acres(text: str) -> Decimal:
    return Decimal(text)


def test_a_full_load_and_changes_become_the_state_of_each_day(zone: LandingZone) -> None:
    zone.deliver(
        "LOAD00000001", [(1, "one", acres("1.5000"), None, D1), (2, "two", acres("2.0000"), None, D1)]
    )
    zone.deliver("20260602-1", [(1, "uno", acres("1.7500"), "U", D2), (3, "three", acres("3.0000"), "I", D2)])
    zone.land("2026-06-02")
    assert zone.farms("2026-06-01") == {1: ("one", "1.5000"), 2: ("two", "2.0000")}
    assert zone.farms("2026-06-02") == {1: ("uno", "1.7500"), 2: ("two", "2.0000"), 3: ("three", "3.0000")}
    assert zone.farms() == zone.farms("2026-06-02")
    assert zone.changes() == {"2026-06-02": [(1, "uno", "U"), (3, "three", "I")]}


def test_a_late_row_belongs_to_the_states_of_its_day_and_of_later_ones(zone: LandingZone) -> None:
    zone.deliver("LOAD00000001", [(1, "one", acres("1.5000"), None, D1)])
    zone.deliver("20260602-1", [(2, "two", acres("2.0000"), "I", D2)])
    zone.land("2026-06-02")
    zone.deliver("20260603-1", [(1, "late", acres("1.0000"), "U", D1), (2, "deux", acres("2.0000"), "U", D3)])
    zone.land("2026-06-03")
    assert zone.farms("2026-06-01") == {1: ("late", "1.0000")}
    assert zone.farms("2026-06-02") == {1: ("late", "1.0000"), 2: ("two", "2.0000")}
    assert zone.farms("2026-06-03") == {1: ("late", "1.0000"), 2: ("deux", "2.0000")}


def test_a_corrected_and_a_withdrawn_object_leave_nothing_behind(zone: LandingZone) -> None:
    zone.deliver("LOAD00000001", [(1, "one", acres("1.5000"), None, D1)])
    zone.deliver("20260602-1", [(1, "wrong", acres("9.0000"), "U", D2), (2, "two", acres("2.0000"), "I", D2)])
    zone.deliver("20260602-2", [(3, "three", acres("3.0000"), "I", D2)])
    zone.land("2026-06-02")
    zone.deliver("20260602-1", [(2, "TWO", acres("2.0000"), "I", D2)])
    zone.withdraw("20260602-2")
    zone.land("2026-06-03")
    assert zone.farms() == {1: ("one", "1.5000"), 2: ("TWO", "2.0000")}
    assert zone.changes() == {"2026-06-02": [(2, "TWO", "I")]}
    assert zone.manifest() == {
        "LOAD00000001": ("Loaded", 1, 0),
        "20260602-1": ("Loaded", 1, 0),
        "20260602-2": ("Withdrawn", 1, None),
    }


def test_landing_again_changes_nothing(zone: LandingZone) -> None:
    zone.deliver("LOAD00000001", [(1, "one", acres("1.5000"), None, D1)])
    zone.land("2026-06-01")
    before = zone.table().metadata.current_snapshot_id
    zone.land("2026-06-01")
    assert zone.table().metadata.current_snapshot_id == before


def test_a_new_full_load_replaces_and_its_differences_are_changes(zone: LandingZone) -> None:
    zone.deliver(
        "LOAD00000001", [(1, "one", acres("1.0000"), None, D1), (2, "two", acres("2.0000"), None, D1)]
    )
    zone.land("2026-06-01")
    zone.deliver(
        "LOAD0000000A", [(2, "TWO", acres("2.0000"), None, D3), (3, "three", acres("3.0000"), None, D3)]
    )
    zone.land("2026-06-03")
    assert zone.farms("2026-06-01") == {1: ("one", "1.0000"), 2: ("two", "2.0000")}
    assert zone.farms() == {2: ("TWO", "2.0000"), 3: ("three", "3.0000")}
    assert zone.changes() == {"2026-06-03": [(1, "one", "D"), (2, "TWO", "U"), (3, "three", "I")]}
