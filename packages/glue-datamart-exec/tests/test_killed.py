"""A load that dies in the middle: the data is what it was, and running it again finishes the job."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from harness import HUB, World, farm_rows

from datamart_exec.errors import DatamartError

SCRIPT = Path(__file__).parents[1] / "script" / "datamart_exec_db_sql.py"
SLOW = """
CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.2); RETURN NEW; END $$;
CREATE TRIGGER slow BEFORE INSERT ON cars_stg.farm FOR EACH ROW EXECUTE FUNCTION slow();
CREATE TRIGGER slow BEFORE INSERT ON edv.farm_h FOR EACH ROW EXECUTE FUNCTION slow();
"""
FAST = "DROP FUNCTION slow() CASCADE"
PATIENCE = 60  # seconds, on a busy machine


@pytest.fixture
def before(world: World) -> World:
    """Two tables with the rows of an earlier day, whose next load is slow."""
    world.changes(farm_rows(2), day="2025-02-28")
    world.changes(farm_rows(200))
    world.warehouse("FARM_H", HUB, requires=["STG.FARM"])
    world.release()
    world.run("STG", "FARM", day="2025-02-28")
    world.run("EDV", "FARM_H", day="2025-02-28")
    return world


def counts(world: World) -> tuple[int, int]:
    rows = world.rows("SELECT (SELECT count(*) FROM cars_stg.farm), (SELECT count(*) FROM edv.farm_h)")
    return rows[0][0], rows[0][1]


def backends(world: World) -> Iterator[int]:
    """Process ids of loads that are in the middle of their statement."""
    query = (
        "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'datamart-exec %' AND state = 'active'"
        " AND wait_event = 'PgSleep' AND datname = current_database()"
    )
    deadline = time.monotonic() + PATIENCE
    with psycopg.connect(world.dsn, autocommit=True) as conn:
        while time.monotonic() < deadline:
            yield from (row[0] for row in conn.execute(query).fetchall())
            time.sleep(0.02)


def terminate(world: World, pid: int) -> None:
    with psycopg.connect(world.dsn) as conn:
        conn.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))


def recovered(world: World) -> None:
    """Wait until the server takes connections again."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return world.execute("SELECT 1")
        except psycopg.OperationalError:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def start(world: World, layer: str, table: str) -> subprocess.Popen[str]:
    """The job's script as Glue starts it."""
    return subprocess.Popen(
        [sys.executable, str(SCRIPT), *world.arguments(layer, table)],
        env=dict(os.environ),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize(("layer", "table"), [("STG", "FARM"), ("EDV", "FARM_H")])
def test_a_terminated_backend_leaves_the_data_and_the_next_run_loads(
    before: World, layer: str, table: str
) -> None:
    if layer == "EDV":
        before.run("STG", "FARM")
    had = counts(before)
    before.execute(SLOW)
    caught: list[DatamartError] = []

    def load() -> None:
        try:
            before.run(layer, table)
        except DatamartError as error:
            caught.append(error)

    thread = threading.Thread(target=load)
    thread.start()
    terminate(before, next(backends(before)))
    thread.join(PATIENCE)
    (error,) = caught
    assert "terminating connection due to administrator command" in str(error)
    assert counts(before) == had
    assert before.ledger(table)[-1] == ("Failed", None, str(error))
    before.execute(FAST)
    before.run(layer, table)
    assert counts(before)[0 if layer == "STG" else 1] == 200


@pytest.mark.parametrize(("layer", "table"), [("STG", "FARM"), ("EDV", "FARM_H")])
def test_a_server_that_crashes_leaves_the_data_and_the_next_run_loads(
    before: World, layer: str, table: str
) -> None:
    if layer == "EDV":
        before.run("STG", "FARM")
    had = counts(before)
    before.execute(SLOW)
    job = start(before, layer, table)
    os.kill(next(backends(before)), signal.SIGKILL)  # Postgres drops all sessions and recovers from its log
    _, errors = job.communicate(timeout=PATIENCE)
    assert job.returncode == 1
    assert "nothing was changed, run it again" in errors.splitlines()[-1]
    recovered(before)
    assert counts(before) == had
    before.execute(FAST)
    before.run(layer, table)
    assert counts(before)[0 if layer == "STG" else 1] == 200


@pytest.mark.parametrize(("layer", "table"), [("STG", "FARM"), ("EDV", "FARM_H")])
def test_a_killed_job_leaves_the_data_and_the_next_run_loads(before: World, layer: str, table: str) -> None:
    if layer == "EDV":
        before.run("STG", "FARM")
    had = counts(before)
    before.execute(SLOW)
    job = start(before, layer, table)
    pid = next(backends(before))
    job.send_signal(signal.SIGKILL)
    assert job.wait(PATIENCE) == -signal.SIGKILL
    terminate(before, pid)  # the server notices a dead client by itself only at its next write
    assert counts(before) == had
    before.execute(FAST)
    done = start(before, layer, table)
    output, errors = done.communicate(timeout=60)
    assert (done.returncode, errors) == (0, "")
    assert '"message": "table done"' in output
    assert counts(before)[0 if layer == "STG" else 1] == 200


def test_the_script_exits_non_zero_with_one_line_when_its_table_failed(world: World) -> None:
    world.warehouse("FARM_H", "INSERT INTO edv.nowhere SELECT 1;")
    world.release()
    done = start(world, "EDV", "FARM_H")
    _, errors = done.communicate(timeout=60)
    assert done.returncode == 1
    assert errors.splitlines()[-1].startswith(
        "datamart_exec.errors.DatamartError: EDV/FARM_H/1_STEP.sql, statement 1 (line 1): relation"
    )


def test_a_database_that_is_down_is_named_within_the_connect_timeout(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.release()
    world.change_secret(postgres_port=1)
    started = time.monotonic()
    with pytest.raises(DatamartError, match=r"^cannot connect to postgres at 127.0.0.1:1, database "):
        world.run("STG", "FARM", connect_timeout="2")
    assert time.monotonic() - started < PATIENCE
    assert "the failure could not be recorded in the ledger" in capsys.readouterr().out


def test_a_database_that_refuses_the_password_is_named_without_it(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.release()
    world.change_secret(edv_postgres_password="not-the-password")
    with pytest.raises(DatamartError, match="check user name and password in the database secret") as caught:
        world.run("STG", "FARM")
    assert "not-the-password" not in f"{caught.value}{capsys.readouterr().out}"


def test_a_server_that_never_answers_times_out_after_the_connect_timeout(world: World) -> None:
    world.release()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        world.change_secret(postgres_port=silent.getsockname()[1])
        started = time.monotonic()
        with pytest.raises(DatamartError, match="timeout"):
            world.run("STG", "FARM", connect_timeout="2")
    assert time.monotonic() - started < 4 * 2 + 5  # once for the load, once for its record


def test_certificates_that_are_not_there_are_named(world: World) -> None:
    world.release()
    with pytest.raises(DatamartError, match=r"sslrootcert .*got '/nowhere/ca\.pem'"):
        world.run("STG", "FARM", sslmode="verify-full", sslrootcert="/nowhere/ca.pem")
