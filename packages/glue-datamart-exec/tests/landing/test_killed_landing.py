"""A landing that is killed at any of its changing calls: the next run leaves what an unkilled one leaves."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from datetime import date
from typing import Any

import psycopg
import pytest
from harness import FINAL_BUCKET
from killing import Killer, aws_proxy, postgres_proxy, run_job
from landing_oracle import Change, Key, Object, Oracle
from landing_tables import Table
from landing_world import LANDING_BUCKET, LandingZone

from datamart_exec.errors import DatamartError
from datamart_exec.final_zone.files import FileWriter
from process_control import ledger

D = [date(2026, 6, day) for day in range(1, 10)]
KEEP = 2


def row(day: int, key: Key, value: str | None, op: str = "U") -> Change:
    return Change(D[day], key, value, op)


FIRST: dict[str, Object] = {
    "LOAD00000009": (row(0, (1, "a"), "u", "I"), row(0, (2, None), "v", "I"), row(0, (3, "b"), "w", "I")),
    "20260602-1": (row(1, (1, "a"), "x"), row(1, (50, "a"), "y", "I")),
    "20260602-2": (row(1, (3, "b"), None, "D"),),
}
# corrected, withdrawn, late rows, a new full load while changes arrive, and a date that leaves the change zone
SECOND: dict[str, Object] = {
    "LOAD00000009": FIRST["LOAD00000009"],
    "20260602-1": (row(1, (1, "a"), "z"), row(1, (2, None), "x")),
    "20260603-1": (row(2, (1, "a"), "w"), row(1, (50, "b"), "late", "I")),
    "LOAD0000000A": (row(3, (1, "a"), "all", "I"), row(3, (2, "a"), "all", "I")),
    "20260604-1": (row(3, (2, "a"), "x"), row(3, (3, "a"), "y", "I")),
}


@pytest.fixture
def started(zone: LandingZone) -> Callable[[], tuple[Table, Oracle]]:
    """Makes a table with one landing behind it and news in the landing zone."""

    def start() -> tuple[Table, Oracle]:
        table, oracle = Table(zone, key="k, j"), Oracle(KEEP)
        for objects, day in ((FIRST, D[1]), (SECOND, D[3])):
            table.bring(objects)
            oracle.land(objects, day)
            if day == D[1]:
                table.land(day, KEEP)
        return table, oracle

    return start


@pytest.fixture
def job(zone: LandingZone, secret: dict[str, Any]) -> Callable[[Killer, Table], int | None]:
    """Runs the second landing in a process of its own behind the proxies."""

    def run(killer: Killer, table: Table) -> int | None:
        world, url = zone.world, os.environ["AWS_ENDPOINT_URL"]
        host, port = secret["edv_postgres_hostname"], secret["postgres_port"]
        with aws_proxy(killer, url) as proxy, postgres_proxy(killer, host, port) as proxy_port:
            world.change_secret(edv_postgres_hostname="127.0.0.1", postgres_port=proxy_port)
            try:
                environment = {**os.environ, "AWS_ENDPOINT_URL": proxy}
                arguments = world.arguments(
                    *("LANDING", table.name, D[3].isoformat()),
                    landing_bucket=LANDING_BUCKET,
                    keep_dates=str(KEEP),
                    reject_percent="100",
                )
                return run_job(killer, arguments, environment)
            finally:
                world.change_secret(edv_postgres_hostname=host, postgres_port=port)

    return run


def complete(table: Table) -> list[int]:
    """The rows of each Complete row of the ledger."""
    found = table.zone.world.ledger(table.name.upper())
    return [rows or 0 for status, rows, _ in found if status == "Complete"]


def unreferenced(table: Table) -> set[str]:
    """Objects of the final zone that no snapshot needs, as pyiceberg's own inspection names those that are needed."""
    held = table.zone.table(table.name)
    needed = {held.metadata_location, *(entry.metadata_file for entry in held.metadata.metadata_log)}
    needed |= {each.manifest_list for each in held.snapshots()}
    needed |= {str(path) for path in held.inspect.all_manifests()["path"].to_pylist()}
    needed |= {str(path) for path in held.inspect.all_files()["file_path"].to_pylist()}
    prefix = f"{table.zone.world.app}/{table.name}/"
    stored = [key for key in table.zone.keys(FINAL_BUCKET, prefix) if not key.endswith("/")]
    return {f"s3://{FINAL_BUCKET}/{key}" for key in stored} - needed


def check_kill(
    started: Callable[[], tuple[Table, Oracle]],
    job: Callable[[Killer, Table], int | None],
    point: int | str,
    *,
    after: bool,
) -> bool:
    """Kill at a call, by number or by the first of that name; False: there was no such call."""
    table, oracle = started()
    killer = Killer(point, after) if isinstance(point, int) else Named(point, after)
    code = job(killer, table)
    if code == 0:
        return False
    assert code == -9
    table.land(D[3], KEEP)
    table.check(oracle)
    assert unreferenced(table) == set()
    # the landing itself once; a run after a kill that came later than its commit finds no news
    assert [rows for rows in complete(table) if rows] == [6, 8]
    return True


class Named(Killer):
    """Kills at the first call whose description holds a text."""

    def __init__(self, text: str, after: bool) -> None:
        super().__init__(None, after)
        self.text = text
        self.found = False

    def call(self, what: str) -> bool:
        super().call(what)
        chosen = self.text in what and not self.found
        self.found = self.found or chosen
        return chosen


@pytest.mark.parametrize(("point", "after"), [("UpdateTable", False), ("20260603-1", True), ("COMMIT", True)])
def test_a_landing_killed_between_its_steps_is_finished_by_the_next_run(
    started: Callable[[], tuple[Table, Oracle]],
    job: Callable[[Killer, Table], int | None],
    point: str,
    after: bool,
) -> None:
    assert check_kill(started, job, point, after=after)


@pytest.mark.exhaustive
@pytest.mark.parametrize("after", [False, True])
def test_a_landing_killed_at_any_changing_call_is_finished_by_the_next_run(
    started: Callable[[], tuple[Table, Oracle]], job: Callable[[Killer, Table], int | None], after: bool
) -> None:
    step = int(os.environ.get("KILL_EVERY", "15"))  # 1 kills at each call, which takes some minutes
    number = 1 if after else 0
    while check_kill(started, job, number, after=after):
        number += step
    assert number > 20


def test_two_landings_at_once_are_one_after_the_other(started: Callable[[], tuple[Table, Oracle]]) -> None:
    table, oracle = started()
    threads = [threading.Thread(target=table.land, args=(D[3], KEEP)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    table.check(oracle)
    assert sorted(complete(table)) == [0, 6, 8]


def test_a_landing_that_waits_too_long_for_another_one_says_so(
    started: Callable[[], tuple[Table, Oracle]],
) -> None:
    table, _ = started()
    with psycopg.connect(table.zone.world.dsn) as holder:
        number = ledger.lock_number("LANDING", table.name)
        holder.execute("SELECT pg_advisory_lock(%s)", (number,))
        with pytest.raises(DatamartError, match="another landing of this table runs"):
            table.zone.land("2026-06-04", table.name, lock_timeout_ms="100")


def test_a_commit_that_lost_the_race_changes_nothing_and_the_next_run_works(
    started: Callable[[], tuple[Table, Oracle]], monkeypatch: pytest.MonkeyPatch
) -> None:
    table, oracle = started()
    write = FileWriter.write
    others: list[str] = []

    def slowly(self: FileWriter, *arguments: Any, **options: Any) -> Any:
        if not others:
            held = table.zone.table(table.name)
            held.append(held.scan().to_arrow())
            others.append(held.metadata_location)
        return write(self, *arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(FileWriter, "write", slowly)
        with pytest.raises(DatamartError, match="somebody else committed at the same time"):
            table.land(D[3], KEEP)
    assert table.zone.table(table.name).metadata_location == others[0]
    table.land(D[3], KEEP)
    table.check(oracle)
