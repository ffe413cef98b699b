"""`EmbeddedPostgres`: a Postgres of our own on 127.0.0.1, started and removed with the object."""

import json
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import psycopg
from psycopg import sql

from local_aws.errors import LocalAwsError
from local_aws.postgres import binaries

SUPERVISOR = Path(__file__).with_name("supervisor.py")
PORT_ATTEMPTS = 5

# fsync off: a killed server loses nothing (the operating system has the pages), only a power failure would.
FAST: Mapping[str, str] = {"fsync": "off", "full_page_writes": "off"}
SETTINGS: Mapping[str, str] = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "30min",
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class PostgresError(LocalAwsError):
    """The embedded Postgres could not be made or started."""


class EmbeddedPostgres:
    """A Postgres server with password login (SCRAM) over TCP, as a context manager.

    `databases` are created at the first start. `data_dir` keeps the data there (created when absent) instead of
    in a temporary directory that is removed at the end. `durable` turns fsync on. The server ends with this
    process, also when this process is killed.
    """

    host = "127.0.0.1"
    user = "postgres"

    def __init__(
        self,
        *,
        databases: tuple[str, ...] = (),
        port: int = 0,
        password: str | None = None,
        data_dir: Path | None = None,
        durable: bool = False,
    ) -> None:
        self.databases = databases
        self.port = port
        self.durable = durable
        self.data_dir = data_dir
        self.password = password or secrets.token_urlsafe(12)
        self._wanted_port = port
        self._supervisor: subprocess.Popen[str] | None = None
        self._scratch: Path | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def log_file(self) -> Path:
        """The server's log."""
        if self._scratch is None:
            raise PostgresError("the embedded Postgres is not started; call start() first")
        return self._scratch / "postgres.log"

    def dsn(self, dbname: str = "postgres") -> str:
        """A libpq connection URL of one database, with user and password."""
        return f"postgresql://{self.user}:{quote(self.password)}@{self.host}:{self.port}/{quote(dbname)}"

    def start(self) -> None:
        """Make the cluster and start it; after `crash()` start it again on the same port and data."""
        if self._supervisor is not None:
            self._ask(f"start {self.port}")
            return
        self._scratch = Path(tempfile.mkdtemp(prefix="embedded-postgres-"))
        try:
            self._make(self._scratch)
            for name in self.databases:
                self.create_database(name)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server and remove its files; a server that is not running is left alone."""
        supervisor, self._supervisor = self._supervisor, None
        if supervisor is not None and supervisor.stdin is not None:
            supervisor.stdin.close()
            supervisor.wait()
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)
            self._scratch = None

    def crash(self) -> None:
        """Kill the server and every session without a clean shutdown; `start()` recovers it."""
        self._ask("crash")

    def create_database(self, name: str) -> None:
        """Create an empty database; one that exists already is left as it is."""
        with psycopg.connect(self.dsn(), autocommit=True) as connection:
            known = connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone()
            if known is None:
                connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))

    def drop_database(self, name: str) -> None:
        """Drop a database and whatever is still connected to it."""
        with psycopg.connect(self.dsn(), autocommit=True) as connection:
            connection.execute(
                sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name))
            )

    def _make(self, scratch: Path) -> None:
        user = binaries.unprivileged_user()
        scratch.chmod(0o755)
        programs = binaries.bin_directory(user, scratch)
        data = self.data_dir.absolute() if self.data_dir else scratch / "data"
        self._supervisor = supervise(
            programs / "postgres", self._options(), data, self.log_file, user, scratch
        )
        if not (data / "PG_VERSION").exists():
            initdb(programs / "initdb", data, self.user, self.password, user)
        for attempt in range(PORT_ATTEMPTS):
            self.port = self._wanted_port or free_port()
            try:
                self._ask(f"start {self.port}")
            except PostgresError:
                if self._wanted_port or attempt == PORT_ATTEMPTS - 1:
                    raise
            else:
                return

    def _options(self) -> list[str]:
        settings = {**SETTINGS, **({} if self.durable else FAST)}
        return [option for key, value in settings.items() for option in ("-c", f"{key}={value}")]

    def _ask(self, command: str) -> dict[str, Any]:
        supervisor = self._supervisor
        if supervisor is None or supervisor.stdin is None or supervisor.stdout is None:
            raise PostgresError(f"cannot {command}: the embedded Postgres is not started")
        supervisor.stdin.write(command + "\n")
        supervisor.stdin.flush()
        answer: dict[str, Any] = json.loads(
            supervisor.stdout.readline() or '{"error": "the supervisor ended"}'
        )
        if "error" in answer:
            raise PostgresError(
                f"cannot {command} the embedded Postgres on port {self.port}: {answer['error']}"
            )
        return answer


def initdb(program: Path, data: Path, superuser: str, password: str, user: pwd.struct_passwd | None) -> None:
    """Make a cluster in `data`, as `user` when given; byte order, UTF-8, password login only."""
    data.mkdir(parents=True, mode=0o700, exist_ok=True)
    with tempfile.NamedTemporaryFile("w") as secret:
        secret.write(password + "\n")
        secret.flush()
        if user is not None:
            os.chown(data, user.pw_uid, user.pw_gid)
            os.chown(secret.name, user.pw_uid, user.pw_gid)
        login = ["-U", superuser, "-A", "scram-sha-256", f"--pwfile={secret.name}"]
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--encoding=UTF8"]
        run = subprocess.run(
            [program, "-D", data, *login, *locale, "--no-sync", "--no-instructions"],
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            user=user.pw_uid if user else None,
            group=user.pw_gid if user else None,
            extra_groups=[] if user else None,
        )
    if run.returncode != 0:
        raise PostgresError(f"initdb in {data} failed: {run.stderr.strip() or run.stdout.strip()}")


def supervise(
    program: Path, options: list[str], data: Path, log: Path, user: pwd.struct_passwd | None, scratch: Path
) -> subprocess.Popen[str]:
    """Start the supervisor, which removes `scratch` when this process ends; it waits for `start PORT`."""
    spec = {
        "argv": [str(program), "-D", str(data), *options],
        "env": {"LC_ALL": "C", "TZ": "UTC", "PATH": os.environ.get("PATH", "")},
        "uid": user.pw_uid if user else None,
        "gid": user.pw_gid if user else None,
        "data": str(data),
        "log": str(log),
        "remove": [str(scratch)],
    }
    return subprocess.Popen(
        [sys.executable, "-I", "-S", SUPERVISOR, json.dumps(spec)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
