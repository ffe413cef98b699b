"""Opens one Postgres connection, encrypted and with time limits. Has no pool and keeps no state."""

from importlib.resources import files
from pathlib import Path

import psycopg
from psycopg.rows import TupleRow

from process_control.errors import ConnectError
from process_control.settings import DatabaseSettings

# text in libpq's message (PostgreSQL 14 to 18), lower case -> the way out
WAYS_OUT = (
    ("password authentication failed", "check user name and password in the database secret"),
    ("no pg_hba.conf entry", "the server does not accept this user, address or sslmode"),
    (
        "certificate verify failed",
        "the server's certificate is not signed by the trusted authorities; see sslrootcert (DB_SSLROOTCERT)",
    ),
    ("root certificate file", "sslrootcert (DB_SSLROOTCERT) must name a file of PEM certificates"),
    ("weak sslmode", "sslrootcert system goes with sslmode verify-full only"),
    ("does not match host name", "use the host name that the server's certificate is issued for"),
    ("server does not support ssl", "set sslmode to disable only for a local server"),
    ("does not exist", "check the database name in the secret, or create the database"),
    ("too many clients", "the server has no free connection; lower the concurrency or raise max_connections"),
    (
        "remaining connection slots",
        "the server has no free connection; lower the concurrency or raise max_connections",
    ),
    (
        "could not translate host name",
        "check the host name in the secret and the name resolution of the subnet",
    ),
    ("failed to resolve host", "check the host name in the secret and the name resolution of the subnet"),
)
UNREACHABLE = (
    "check that the server runs and that its security group and the subnet's routes let this port in"
)


def connect(
    settings: DatabaseSettings, *, application_name: str, statement_timeout_ms: int | None = None
) -> psycopg.Connection[TupleRow]:
    """Open a connection in UTC, without autocommit; raises `ConnectError`, whose message holds no password.

    `statement_timeout_ms` limits the wait for a lock too. A dead server is detected after about a minute.
    """
    certificates = root_certificates(settings)
    try:
        conn = psycopg.connect(
            host=settings.host,
            port=settings.port,
            dbname=settings.dbname,
            user=settings.user,
            password=settings.password,
            sslmode=settings.sslmode,
            sslrootcert=certificates,
            connect_timeout=settings.connect_timeout,
            application_name=application_name[:63],  # NAMEDATALEN - 1: the server cuts the rest
            gssencmode="disable",
            keepalives=1,
            keepalives_idle=30,
            keepalives_interval=10,
            keepalives_count=3,
            tcp_user_timeout=60_000,
        )
    except (
        psycopg.Error,
        UnicodeError,
    ) as error:  # UnicodeError: a value that a connection string cannot hold
        raise ConnectError(
            _refused(settings, str(error))
        ) from None  # frames of the original error hold the password
    try:
        _prepare_session(conn, statement_timeout_ms)
    except psycopg.Error as error:
        conn.close()
        raise ConnectError(_refused(settings, str(error))) from None
    return conn


def root_certificates(settings: DatabaseSettings) -> str | None:
    """Path of the trusted certificates: the path in the settings, else the RDS bundle when sslmode verifies.

    `system` means the certificates of the operating system. Raises `ConnectError` when the path is no file, because
    libpq with sslmode `require` would connect without verifying.
    """
    own = settings.sslrootcert
    if own is None and settings.sslmode.startswith("verify-"):
        return str(files("process_control") / "rds-ca-bundle.pem")
    if own not in (None, "system") and not Path(str(own)).is_file():
        raise ConnectError(
            f"sslrootcert (DB_SSLROOTCERT) must be the path of a file of PEM certificates, or system, got {own!r};"
            " a layer brings a Lambda its file below /opt"
        )
    return own


def _prepare_session(conn: psycopg.Connection[TupleRow], statement_timeout_ms: int | None) -> None:
    # a statement, because connection proxies refuse options in the startup packet
    conn.execute("SELECT set_config('TimeZone', 'UTC', false)")
    if statement_timeout_ms is not None:
        conn.execute("SELECT set_config('statement_timeout', %s, false)", (str(statement_timeout_ms),))
    conn.commit()


def _refused(settings: DatabaseSettings, reason: str) -> str:
    text = " ".join(reason.split())
    if settings.password:
        text = text.replace(settings.password, "***")
    way_out = next((way for sign, way in WAYS_OUT if sign in text.lower()), UNREACHABLE)
    return (
        f"cannot connect to postgres at {settings.host}:{settings.port}, database {settings.dbname!r},"
        f" user {settings.user!r}, sslmode {settings.sslmode}: {text}; {way_out}"
    )
