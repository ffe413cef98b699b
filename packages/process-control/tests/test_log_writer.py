import json
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from loads import Connection
from tls_proxy import falls_silent, self_signed, tls_proxy

from process_control import log_writer
from process_control.deadline import within
from process_control.errors import OutOfTimeError
from process_control.log_writer import LogWriter
from process_control.run_log import log_operation
from process_control.settings import DatabaseSettings


class Secrets:
    """A Secrets Manager with one secret."""

    def __init__(self, settings: DatabaseSettings, **changed: Any) -> None:
        self.secret = {
            "edv_postgres_hostname": settings.host,
            "postgres_port": settings.port,
            "edv_postgres_database_name": settings.dbname,
            "edv_postgres_username": settings.user,
            "edv_postgres_password": settings.password,
            **changed,
        }

    def get_secret_value(self, *, SecretId: str) -> Mapping[str, Any]:  # noqa: N803
        return {"SecretString": json.dumps(self.secret)}


info = partial(log_operation, log_type="INFO", message="12 of 13 tables loaded")


def writer(settings: DatabaseSettings, **changed: Any) -> LogWriter:
    return LogWriter("cars/postgres", "test", sslmode="disable", client=Secrets(settings, **changed))


def test_entries_are_committed(settings: DatabaseSettings, conn: Connection) -> None:
    assert writer(settings).write(("process_control", info), ("edv", info)) is None
    assert conn.execute("SELECT count(*) FROM dart_process_control.data_ppln_oper_log").fetchone() == (2,)


def test_entries_of_one_database_are_all_or_nothing(settings: DatabaseSettings, conn: Connection) -> None:
    def broken(_: object) -> None:
        raise ValueError("no such thing")

    assert writer(settings).write(("edv", info), ("process_control", broken)) == "no such thing"
    assert conn.execute("SELECT count(*) FROM dart_process_control.data_ppln_oper_log").fetchone() == (0,)


def test_each_entry_goes_to_its_own_database(settings: DatabaseSettings) -> None:
    reason = writer(settings, postgres_prcs_ctrl_dbname="OTHER").write(
        ("edv", info), ("process_control", info)
    )
    assert reason is not None
    assert "database 'OTHER'" in reason


def test_no_secret_name_means_logging_is_off() -> None:
    for nothing in (None, ""):
        assert LogWriter(nothing, "test").write(("edv", info)) == (
            "database logging is off: no secret name is configured (DB_SECRET_NAME)"
        )


def test_database_that_is_down_is_a_reason_without_the_password(settings: DatabaseSettings) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        reason = writer(replace(settings, port=probe.getsockname()[1])).write(("edv", info))
    assert reason is not None
    assert reason.startswith("cannot connect to postgres at 127.0.0.1:")
    assert settings.password not in reason
    assert len(reason) <= 500


def test_tables_that_do_not_exist_are_a_reason(empty: DatabaseSettings) -> None:
    reason = writer(empty).write(("edv", info))
    assert reason is not None
    assert "has no dart_process_control tables; run the Glue job with --layer DDL" in reason


def test_locked_table_times_out(
    settings: DatabaseSettings, conn: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_writer, "STATEMENT_MS", 200)
    conn.execute("LOCK TABLE dart_process_control.data_ppln_oper_log")
    started = time.monotonic()
    reason = writer(settings).write(("edv", info))
    assert reason == (
        f"not written to database {settings.dbname!r} at {settings.host}:{settings.port}:"
        " canceling statement due to statement timeout"
    )
    assert time.monotonic() - started < 6


def test_secrets_manager_that_hangs_times_out(settings: DatabaseSettings) -> None:
    hang = threading.Event()

    class Hanging(Secrets):
        def get_secret_value(self, *, SecretId: str) -> Mapping[str, Any]:  # noqa: N803
            hang.wait(30)
            return super().get_secret_value(SecretId=SecretId)

    try:
        reason = replace(writer(settings), client=Hanging(settings), seconds=0.2).write(("edv", info))
    finally:
        hang.set()
    assert reason == (
        "database logging did not finish within 0.2 seconds (secret 'cars/postgres');"
        " the server or the network does not answer"
    )


def test_server_that_falls_silent_in_the_session_times_out(settings: DatabaseSettings) -> None:
    with falls_silent((settings.host, settings.port), after=700) as port:
        started = time.monotonic()
        silent = replace(writer(replace(settings, port=port)), seconds=1.0)
        reason = silent.write(("edv", info))
    assert time.monotonic() - started < 4
    assert reason is not None
    assert reason.startswith("database logging did not finish within 1 seconds (secret 'cars/postgres')")


class Context:
    def __init__(self, left_ms: int) -> None:
        self.left_ms = left_ms

    def get_remaining_time_in_millis(self) -> int:
        return self.left_ms


@pytest.mark.parametrize(
    ("context", "seconds"), [(Context(60_000), 8.0), (Context(5_500), 2.0), (Context(900), 0.5), (None, 8.0)]
)
def test_lambda_gives_at_most_its_share_of_the_time_left(
    monkeypatch: pytest.MonkeyPatch, context: object, seconds: float
) -> None:
    monkeypatch.setenv("DB_SECRET_NAME", "cars/postgres")
    monkeypatch.delenv("DB_SSLMODE", raising=False)
    monkeypatch.delenv("DB_SSLROOTCERT", raising=False)
    assert LogWriter.of_lambda("x", context, share=0.5) == LogWriter(
        "cars/postgres", "x", "verify-full", seconds=seconds
    )


def test_lambda_trusts_the_certificates_that_its_environment_names(
    settings: DatabaseSettings, conn: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = self_signed(tmp_path, "127.0.0.1")
    monkeypatch.setenv("DB_SECRET_NAME", "cars/postgres")
    monkeypatch.delenv("DB_SSLMODE", raising=False)
    with tls_proxy((settings.host, settings.port), certificate) as port:
        secrets = Secrets(replace(settings, port=port))
        monkeypatch.setenv("DB_SSLROOTCERT", "")
        strange = replace(LogWriter.of_lambda("x", None), client=secrets).write(("edv", info))
        monkeypatch.setenv("DB_SSLROOTCERT", str(certificate))
        known = replace(LogWriter.of_lambda("x", None), client=secrets).write(("edv", info))
    assert strange is not None
    assert "certificate verify failed" in strange
    assert strange.endswith("see sslrootcert (DB_SSLROOTCERT)")
    assert known is None
    assert conn.execute("SELECT count(*) FROM dart_process_control.data_ppln_oper_log").fetchone() == (1,)


def test_effect_within_its_time_gives_its_value_or_its_error() -> None:
    assert within(5, lambda: 42, name="effect") == 42
    with pytest.raises(ZeroDivisionError):
        within(5, lambda: 1 // 0, name="effect")


def test_effect_over_its_time_limit_raises() -> None:
    hang = threading.Event()
    with pytest.raises(OutOfTimeError, match=r"the effect did not finish within 0\.05 seconds"):
        within(0.05, lambda: hang.wait(30), name="the effect")
    hang.set()
