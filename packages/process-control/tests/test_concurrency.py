"""What holds when many runs meet in the ledger, or one dies in the middle."""

import threading
from collections.abc import Callable

import psycopg
import pytest
from loads import NOW, RUN, Connection, load_of

from process_control.ledger import (
    committed_load,
    latest_load,
    lock_table,
    missing_requirements,
    record_complete,
    record_failed,
)
from process_control.run_log import close_job

Open = Callable[[], Connection]


def together(count: int, work: Callable[[int], None]) -> list[BaseException]:
    """Run `work(0..count-1)` in threads that start at the same moment; what they raised."""
    start = threading.Barrier(count)
    errors: list[BaseException] = []

    def run(number: int) -> None:
        try:
            start.wait(20)
            work(number)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads)
    return errors


def waiting_for_a_lock(conn: Connection, observer: Connection) -> bool:
    row = observer.execute(
        "SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = %s", (conn.info.backend_pid,)
    ).fetchone()
    observer.rollback()
    return row is not None and bool(row[0])


def until(condition: Callable[[], bool]) -> None:
    ticks = threading.Event()
    for _ in range(1000):
        if condition():
            return
        ticks.wait(0.005)
    raise AssertionError("the condition did not come true within 5 seconds")


def test_runs_that_start_together_share_pipeline_layer_table_and_job(
    open_connection: Open, conn: Connection
) -> None:
    connections = [open_connection() for _ in range(20)]

    def load(number: int) -> None:
        mine = connections[number]
        table = f"T{number % 10}"
        lock_table(mine, "EDV", table)
        record_complete(mine, load_of(table, job_run_id=f"jr_{number}"), started_at=NOW, row_count=number)
        mine.commit()

    assert together(20, load) == []
    counts = conn.execute(
        """
        SELECT (SELECT count(*) FROM dart_process_control.data_ppln),
               (SELECT count(*) FROM dart_process_control.data_ppln_step),
               (SELECT count(*) FROM dart_process_control.data_ppln_job),
               (SELECT count(*) FROM dart_process_control.load_oper_tgt),
               (SELECT count(*) FROM dart_process_control.data_ppln_oper)
        """
    ).fetchone()
    assert counts == (1, 1, 1, 10, 20)


def test_records_in_opposite_order_do_not_deadlock(open_connection: Open, conn: Connection) -> None:
    connections = [open_connection() for _ in range(8)]

    def load(number: int) -> None:
        mine = connections[number]
        tables = [f"T{n}" for n in range(6)]
        for table in tables if number % 2 else reversed(tables):
            record_failed(mine, load_of(table, execution=f"e-{table}"), started_at=NOW, error="x")
        close_job(mine, RUN, execution=f"run-{number}", status="Failed")
        mine.commit()

    assert together(8, load) == []
    assert conn.execute("SELECT count(*) FROM dart_process_control.data_ppln_oper").fetchone() == (48,)


def test_second_load_of_a_table_waits_and_then_sees_the_first(
    open_connection: Open, conn: Connection
) -> None:
    first, second = open_connection(), open_connection()
    lock_table(first, "EDV", "FARM_H")
    assert committed_load(first, load_of()) is None
    seen: list[object] = []

    def repeat() -> None:
        lock_table(second, "EDV", "farm_h")
        seen.append(committed_load(second, load_of()))
        second.commit()

    thread = threading.Thread(target=repeat)
    thread.start()
    until(lambda: waiting_for_a_lock(second, conn))
    record_complete(first, load_of(), started_at=NOW, row_count=5)
    first.commit()
    thread.join(10)
    assert [getattr(found, "row_count", None) for found in seen] == [5]


def test_loads_of_different_tables_do_not_wait(open_connection: Open) -> None:
    first, second = open_connection(), open_connection()
    record_complete(first, load_of("A"), started_at=NOW, row_count=1)
    record_complete(first, load_of("B"), started_at=NOW, row_count=1)
    first.commit()
    second.execute("SELECT set_config('statement_timeout', '1000', false)")
    lock_table(first, "EDV", "A")
    record_complete(first, load_of("A"), started_at=NOW, row_count=1)
    lock_table(second, "EDV", "B")
    record_complete(second, load_of("B"), started_at=NOW, row_count=1)  # raises when it has to wait


def test_table_is_not_replaced_under_a_reader(open_connection: Open, conn: Connection) -> None:
    reader, writer = open_connection(), open_connection()
    record_complete(reader, load_of("ACRSI_FARM", "STG"), started_at=NOW, row_count=1)
    reader.commit()
    assert missing_requirements(reader, RUN, ["STG.ACRSI_FARM"]) == []
    thread = threading.Thread(target=lock_table, args=(writer, "STG", "ACRSI_FARM"))
    thread.start()
    until(lambda: waiting_for_a_lock(writer, conn))
    reader.commit()
    thread.join(10)
    assert not thread.is_alive()


def test_killed_load_leaves_the_previous_one_and_frees_the_table(
    open_connection: Open, conn: Connection
) -> None:
    before = load_of(input_digest="01" * 32)
    record_complete(conn, before, started_at=NOW, row_count=1)
    conn.commit()
    victim = open_connection()
    lock_table(victim, "EDV", "FARM_H")
    record_complete(victim, load_of(), started_at=NOW, row_count=2)
    conn.execute("SELECT pg_terminate_backend(%s)", (victim.info.backend_pid,))
    with pytest.raises(psycopg.OperationalError):
        victim.commit()
    lock_table(conn, "EDV", "FARM_H")
    latest = latest_load(conn, "EDV", "FARM_H")
    assert latest is not None
    assert latest.load == before
    record_complete(conn, load_of(), started_at=NOW, row_count=2)
    conn.commit()
    assert committed_load(conn, load_of()) is not None
