import socket
import ssl
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tls_proxy import self_signed, tls_proxy

from process_control.connection import connect, root_certificates
from process_control.errors import ConnectError
from process_control.settings import DatabaseSettings


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_connection_is_in_utc_named_and_not_in_autocommit(empty: DatabaseSettings) -> None:
    with connect(empty, application_name="edv-check-results") as conn:
        assert not conn.autocommit
        assert conn.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
        shown = conn.execute(
            "SELECT current_setting('TimeZone'), current_setting('application_name')"
        ).fetchone()
    assert shown == ("UTC", "edv-check-results")


def test_statement_timeout_outlives_a_rollback_and_bounds_a_lock(empty: DatabaseSettings) -> None:
    with connect(empty, application_name="holder") as holder:
        holder.execute("SELECT pg_advisory_xact_lock(1)")
        with connect(empty, application_name="waiter", statement_timeout_ms=100) as waiter:
            waiter.rollback()
            with pytest.raises(psycopg.errors.QueryCanceled):
                waiter.execute("SELECT pg_advisory_xact_lock(1)")


def test_refused_connection_names_the_place_and_the_way_out(empty: DatabaseSettings) -> None:
    port = free_port()
    with pytest.raises(ConnectError) as caught:
        connect(replace(empty, port=port), application_name="test")
    message = str(caught.value)
    assert message.startswith(
        f"cannot connect to postgres at 127.0.0.1:{port}, database {empty.dbname!r}, user 'postgres'"
    )
    assert "onnection refused" in message
    assert message.endswith(
        "check that the server runs and that its security group and the subnet's routes let this port in"
    )
    assert empty.password not in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("change", "way_out"),
    [
        ({"password": "wrong-one"}, "check user name and password in the database secret"),
        ({"dbname": "NOWHERE"}, "check the database name in the secret, or create the database"),
        ({"sslmode": "require"}, "set sslmode to disable only for a local server"),
        (
            {"host": "no-such-host.invalid"},
            "check the host name in the secret and the name resolution of the subnet",
        ),
    ],
)
def test_known_refusals_say_what_to_do(empty: DatabaseSettings, change: dict[str, str], way_out: str) -> None:
    with pytest.raises(ConnectError) as caught:
        connect(replace(empty, **change), application_name="test")  # type: ignore[arg-type]
    assert str(caught.value).endswith(f"; {way_out}")
    assert "wrong-one" not in str(caught.value)


def test_silent_server_times_out_after_the_connect_timeout(empty: DatabaseSettings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        started = time.monotonic()
        with pytest.raises(ConnectError, match="timeout"):
            connect(replace(empty, port=silent.getsockname()[1], connect_timeout=2), application_name="test")
    assert time.monotonic() - started < 4


def test_server_is_verified_by_default(empty: DatabaseSettings, tmp_path: Path) -> None:
    certificate = self_signed(tmp_path, "127.0.0.1")
    with tls_proxy((empty.host, empty.port), certificate) as port:
        unknown_authority = replace(empty, port=port, sslmode="verify-full")
        with pytest.raises(
            ConnectError, match=r"certificate verify failed.*not signed by the trusted authorities"
        ):
            connect(unknown_authority, application_name="test")
        with connect(
            replace(unknown_authority, sslrootcert=str(certificate)), application_name="test"
        ) as conn:
            assert conn.execute("SELECT 1").fetchone() == (1,)
            assert conn.pgconn.ssl_in_use


def test_certificate_of_another_host_is_refused(empty: DatabaseSettings, tmp_path: Path) -> None:
    certificate = self_signed(tmp_path, "127.0.0.9")
    with tls_proxy((empty.host, empty.port), certificate) as port:
        settings = replace(empty, port=port, sslmode="verify-full", sslrootcert=str(certificate))
        with pytest.raises(
            ConnectError, match="use the host name that the server's certificate is issued for"
        ):
            connect(settings, application_name="test")


@pytest.mark.parametrize("sslmode", ["require", "verify-full"])
def test_certificates_that_are_no_file_are_refused_whatever_the_mode(
    empty: DatabaseSettings, tmp_path: Path, sslmode: str
) -> None:
    missing = str(tmp_path / "govcloud.pem")
    with pytest.raises(ConnectError) as caught:
        connect(replace(empty, sslmode=sslmode, sslrootcert=missing), application_name="test")
    assert str(caught.value) == (
        "sslrootcert (DB_SSLROOTCERT) must be the path of a file of PEM certificates, or system,"
        f" got {missing!r}; a layer brings a Lambda its file below /opt"
    )


def test_file_without_certificates_is_named(empty: DatabaseSettings, tmp_path: Path) -> None:
    file = tmp_path / "empty.pem"
    file.write_text("nothing in here\n")
    with tls_proxy((empty.host, empty.port), self_signed(tmp_path, "127.0.0.1")) as port:
        settings = replace(empty, port=port, sslmode="verify-full", sslrootcert=str(file))
        with pytest.raises(ConnectError) as caught:
            connect(settings, application_name="test")
    assert str(file) in str(caught.value)
    assert str(caught.value).endswith("sslrootcert (DB_SSLROOTCERT) must name a file of PEM certificates")


def test_authorities_of_the_system_need_full_verification(empty: DatabaseSettings) -> None:
    with pytest.raises(ConnectError, match=r"; sslrootcert system goes with sslmode verify-full only$"):
        connect(replace(empty, sslmode="require", sslrootcert="system"), application_name="test")


@pytest.mark.parametrize("change", [{"password": "h0rse-\ud800"}, {"host": ".."}])
def test_value_that_cannot_be_sent_is_a_refusal_too(empty: DatabaseSettings, change: dict[str, str]) -> None:
    with pytest.raises(ConnectError, match=r"^cannot connect to postgres at ") as caught:
        connect(replace(empty, **change), application_name="test")  # type: ignore[arg-type]
    assert "h0rse" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_rds_bundle_holds_authorities_that_are_valid(empty: DatabaseSettings) -> None:
    bundle = root_certificates(replace(empty, sslmode="verify-full"))
    assert bundle is not None
    authorities: list[dict[str, Any]] = [*ssl.create_default_context(cafile=bundle).get_ca_certs()]
    names = {dict(part[0] for part in authority["subject"])["commonName"] for authority in authorities}
    assert "Amazon RDS us-east-1 Root CA RSA2048 G1" in names
    assert "Amazon Root CA 1" in names  # RDS Proxy
    assert all(ssl.cert_time_to_seconds(authority["notAfter"]) > time.time() for authority in authorities)


def test_bundle_is_not_used_where_nothing_is_verified(empty: DatabaseSettings) -> None:
    assert root_certificates(replace(empty, sslmode="require")) is None
