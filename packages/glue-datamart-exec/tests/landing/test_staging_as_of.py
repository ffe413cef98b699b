"""From landing objects to the staging table: a run reads the changes of its day and the state at the end of its day."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal

import owned_farms
import psycopg
import pyarrow as pa
import pytest
from harness import World, log_lines
from landing_world import FARM, LandingZone, Row

from datamart_exec.errors import DatamartError
from process_control import ledger

D1, D2, D3, D4 = (date(2026, 6, day) for day in (1, 2, 3, 4))
Staged = tuple[int, str | None, str, str]  # farm, the owner's name, operation, date


def row(number: int, name: str | None, op: str | None, day: date) -> Row:
    return (number, name, Decimal(number), op, day)


@pytest.fixture
def both(zone: LandingZone) -> LandingZone:
    """Farms and their owners; staging takes the farms with their owners' names."""
    zone.declare(FARM, owned_farms.PARENT)
    owned_farms.scripts(zone.world)
    return zone


def staged(world: World, day: date, run_type: str = "incremental") -> list[Staged]:
    """Stage a day; the rows."""
    world.run("STG", "FARM", day.isoformat(), run_type=run_type)
    query = "SELECT farm_id, farm_nm, cdc_oper_cd, cdc_dt::text FROM cars_stg.farm ORDER BY 1, 3, 2"
    return [tuple(each) for each in world.rows(query)]


def test_an_earlier_day_is_staged_as_it_was_after_later_days_have_landed(both: LandingZone) -> None:
    world = both.world
    both.deliver("LOAD00000001", [row(1, "one", None, D1), row(2, "two", None, D1)], "Owner")
    both.deliver("20260602-1", [row(1, "a", "I", D2), row(2, "b", "I", D2), row(3, "c", "I", D2)])
    both.land("2026-06-02")
    expected = [(1, "one", "I", "2026-06-02"), (2, "two", "I", "2026-06-02"), (3, None, "I", "2026-06-02")]
    assert staged(world, D2) == expected
    both.deliver("20260603-1", [row(1, "uno", "U", D3), row(2, None, "D", D3)], "Owner")
    both.deliver("20260603-2", [row(3, "late", "I", D2)], "Owner")
    both.deliver("20260603-1", [row(2, "b", "D", D3)])
    both.land("2026-06-03")
    assert staged(world, D3) == [(2, None, "D", "2026-06-03")]
    assert staged(world, D2) == [*expected[:2], (3, "late", "I", "2026-06-02")]
    assert staged(world, D2, "initial") == [*expected[:2], (3, "late", "I", "2026-06-02")]
    assert staged(world, D3, "initial") == [(1, "uno", "I", "2026-06-02"), (3, "late", "I", "2026-06-02")]


def test_a_day_without_a_state_of_its_own_reads_the_last_one_before_it(both: LandingZone) -> None:
    both.deliver("LOAD00000001", [row(1, "one", None, D1)], "Owner")
    both.deliver("20260604-1", [row(1, "four", "U", D4)], "Owner")
    both.deliver("20260603-1", [row(1, "a", "I", D3)])
    both.land("2026-06-04")
    assert staged(both.world, D3) == [(1, "one", "I", "2026-06-03")]


def test_a_new_full_load_comes_to_staging_as_its_differences(both: LandingZone) -> None:
    both.deliver("LOAD00000001", [row(9, "nine", None, D1)], "Owner")
    both.deliver("LOAD00000001", [row(1, "a", None, D1), row(2, "b", None, D1), row(4, "d", None, D1)])
    both.land("2026-06-01")
    both.deliver("LOAD00000002", [row(2, "B", None, D3), row(3, "c", None, D3), row(4, "d", None, D3)])
    both.deliver("20260603-1", [row(4, "e", "U", D3)])
    both.land("2026-06-03")
    assert [(each[0], each[2]) for each in staged(both.world, D3)] == [(1, "D"), (2, "U"), (3, "I"), (4, "U")]
    assert [each[0] for each in staged(both.world, D3, "initial")] == [2, 3, 4]
    assert [each[0] for each in staged(both.world, D2, "initial")] == [1, 2, 4]


def test_a_withdrawn_object_leaves_the_staging_of_its_day_and_its_parents(both: LandingZone) -> None:
    both.deliver("LOAD00000001", [row(1, "one", None, D1)], "Owner")
    both.deliver("20260602-1", [row(1, "wrong", "U", D2)], "Owner")
    both.deliver("20260602-1", [row(1, "a", "I", D2)])
    both.deliver("20260602-2", [row(5, "e", "I", D2)])
    both.land("2026-06-02")
    assert [each[:2] for each in staged(both.world, D2)] == [(1, "wrong"), (5, None)]
    both.withdraw("20260602-1", "Owner")
    both.withdraw("20260602-2")
    both.land("2026-06-03")
    assert [each[:2] for each in staged(both.world, D2)] == [(1, "one")]


def test_a_day_before_every_state_is_refused_with_the_states_there_are(both: LandingZone) -> None:
    both.deliver("LOAD00000001", [row(1, "one", None, D2)], "Owner")
    both.deliver("20260603-1", [row(1, "uno", "U", D3)], "Owner")
    both.deliver("20260601-1", [row(1, "a", "I", D1)])
    both.land("2026-06-03")
    with pytest.raises(
        DatamartError,
        match=r"`owner` has no state of 2026-06-01 or before, its tags go from 2026-06-02 to 2026-06-03;",
    ):
        staged(both.world, D1)


def test_a_later_landing_does_not_make_an_earlier_day_due_again(
    both: LandingZone, capsys: pytest.CaptureFixture[str]
) -> None:
    both.deliver("LOAD00000001", [row(1, "one", None, D1)], "Owner")
    both.deliver("20260602-1", [row(1, "a", "I", D2)])
    both.land("2026-06-02")
    staged(both.world, D2)
    both.deliver("20260603-1", [row(1, "uno", "U", D3)], "Owner")
    both.land("2026-06-03")
    capsys.readouterr()
    staged(both.world, D2)
    done = [line for line in log_lines(capsys.readouterr().out) if line["message"] == "table done"]
    assert done[0]["already_loaded"] is True


def test_a_plain_final_zone_has_only_today_and_the_ledger_says_so(both: LandingZone) -> None:
    world = both.world
    world.final(pa.table({"farm_identifier": [1], "farm_nm": ["today"]}), table="owner")
    world.changes(pa.table({"farm_identifier": [1]}), day="2026-06-04", table="owner")
    both.deliver("20260602-1", [row(1, "a", "I", D2)])
    both.land("2026-06-02", tables="FARM")
    assert staged(world, D2) == [(1, "today", "I", "2026-06-02")]
    ((kind, text),) = world.rows("SELECT log_type, log_message FROM dart_process_control.data_ppln_oper_log")
    assert kind == "WARNING"
    assert "`owner` is plain Parquet and was read as it is today, with changes up to 2026-06-04" in text


@contextmanager
def landing_at_work(world: World, table: str) -> Iterator[None]:
    """Hold the lock of a table's landing as `LANDING` does."""
    with psycopg.connect(world.dsn, autocommit=True) as conn:
        conn.execute("SELECT pg_advisory_lock(%s)", (ledger.lock_number("LANDING", table),))
        yield


@pytest.fixture
def landed(both: LandingZone) -> World:
    both.deliver("LOAD00000001", [row(1, "one", None, D1)], "Owner")
    both.deliver("20260602-1", [row(1, "a", "I", D2)])
    both.land("2026-06-02")
    return both.world


@pytest.mark.parametrize("table", ["farm", "Owner"])
def test_staging_waits_for_the_landing_of_each_of_its_sources(landed: World, table: str) -> None:
    with (
        landing_at_work(landed, table),
        pytest.raises(
            DatamartError,
            match=rf"^STG\.FARM: the landing of {table.lower()} still writes its zones; run it again",
        ),
    ):
        landed.run("STG", "FARM", D2.isoformat(), lock_timeout_ms="200")
    assert staged(landed, D2) == [(1, "one", "I", "2026-06-02")]


def test_staging_goes_on_when_the_landing_ends(landed: World) -> None:
    with landing_at_work(landed, "farm"):
        waiting = threading.Thread(target=landed.run, args=("STG", "FARM", D2.isoformat()), daemon=True)
        waiting.start()
        wait_for_a_lock(landed)
    waiting.join(60)
    assert not waiting.is_alive()
    assert landed.ledger("FARM")[-1] == ("Complete", 1, None)


def wait_for_a_lock(world: World) -> None:
    """Return once a session of the database waits for an advisory lock."""
    query = (
        "SELECT 1 FROM pg_locks JOIN pg_database d ON d.oid = database"
        " WHERE locktype = 'advisory' AND NOT granted AND datname = current_database()"
    )
    waits = threading.Event()
    with psycopg.connect(world.dsn, autocommit=True) as conn:
        for _ in range(1200):
            if conn.execute(query).fetchone():
                return
            waits.wait(0.05)
    raise AssertionError("nobody waited for a lock within a minute")


def test_two_stagings_share_their_sources_and_a_landing_waits_for_them(
    landed: World, both: LandingZone
) -> None:
    with psycopg.connect(landed.dsn) as other:
        for table in ("farm", "owner"):
            other.execute("SELECT pg_advisory_xact_lock_shared(%s)", (ledger.lock_number("LANDING", table),))
        landed.run("STG", "FARM", D2.isoformat(), lock_timeout_ms="1000")
        with pytest.raises(DatamartError, match=r"^LANDING\.farm: .* lock timeout"):
            both.land("2026-06-02", tables="FARM", lock_timeout_ms="200")
