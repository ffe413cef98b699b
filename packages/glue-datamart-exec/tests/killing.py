"""Kills a job at its n-th changing call: proxies between the job and AWS and Postgres count the calls and send SIGKILL."""

from __future__ import annotations

import http.client
import multiprocessing
import os
import signal
import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

PATIENCE = 120  # seconds that a job may take
READING = ("GetTable", "GetDatabase", "GetSecretValue", "AssumeRole")


@dataclass
class Killer:
    """Counts changing calls of the job `pid`, and kills it at call number `at`: before it reaches the server, or after."""

    at: int | None = None
    after: bool = False
    pid: int | None = None
    calls: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)  # to AWS, also those that change nothing
    lock: threading.Lock = field(default_factory=threading.Lock)

    def call(self, what: str) -> bool:
        """Count a call; whether it is the one."""
        with self.lock:
            self.calls.append(what)
            return len(self.calls) - 1 == self.at

    def kill(self) -> None:
        assert self.pid is not None
        os.kill(self.pid, signal.SIGKILL)


@contextmanager
def aws_proxy(killer: Killer, url: str) -> Iterator[str]:  # noqa: C901 - one handler
    """The URL of a proxy of the local AWS."""
    target = urlsplit(url).netloc

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def forward(self) -> None:
            body = self.body()
            action = (self.headers.get("X-Amz-Target") or "").rpartition(".")[2]
            path = urlsplit(self.path).path.rpartition("/")[2]
            killer.requests.append(action or f"{self.command} {path}")
            changes = action not in READING if action else self.command not in ("GET", "HEAD")
            chosen = changes and killer.call(action or f"{self.command} {path}")
            if chosen and not killer.after:
                self.die()
                return
            upstream = http.client.HTTPConnection(target, timeout=PATIENCE)
            upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                if name.lower() != "expect":
                    upstream.putheader(name, value)
            upstream.endheaders()
            upstream.send(body)
            answer = upstream.getresponse()
            content = answer.read()
            if chosen:
                self.die()
                return
            self.send_response_only(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in ("transfer-encoding", "content-length", "connection"):
                    self.send_header(name, value)
            length = answer.getheader("Content-Length") if self.command == "HEAD" else str(len(content))
            self.send_header("Content-Length", length or "0")
            self.end_headers()
            self.wfile.write(content)

        def body(self) -> bytes:
            """The body as it was sent, in chunks or not."""
            if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length") or 0))
            found = b""
            while True:
                line = self.rfile.readline()
                size = int(line.partition(b";")[0], 16)
                found += line + self.rfile.read(size + 2)
                if not size:
                    return found

        def die(self) -> None:
            killer.kill()
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

        do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = forward  # noqa: N815 - names of the base class

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """A killed job leaves broken connections."""

    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def postgres_proxy(killer: Killer, host: str, port: int) -> Iterator[int]:
    """The port of a proxy of Postgres. What a client sends at once is one call, from its second message on."""
    listener = socket.create_server(("127.0.0.1", 0))

    def pump(source: socket.socket, sink: socket.socket, *, counted: bool) -> None:
        started = False
        try:
            while data := source.recv(1 << 16):
                # 'p' is the password, 'X' the end of the session: neither changes anything
                chosen = (
                    counted and started and data[:1] not in b"pX" and killer.call(f"SQL {_statement(data)}")
                )
                started = True
                if chosen and not killer.after:
                    killer.kill()
                    break
                sink.sendall(data)
                if chosen:
                    killer.kill()
                    break
        except OSError:
            pass
        for each in (source, sink):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def serve() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            server = socket.create_connection((host, port))
            threading.Thread(
                target=pump, args=(client, server), kwargs={"counted": True}, daemon=True
            ).start()
            threading.Thread(
                target=pump, args=(server, client), kwargs={"counted": False}, daemon=True
            ).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.close()


def _statement(data: bytes) -> str:
    text = data[5:].lstrip(b"\x00").partition(b"\x00")[0].decode(errors="replace")
    return " ".join(text.split()[:3])


def _job(arguments: Sequence[str], environment: Mapping[str, str]) -> None:
    os.environ.update(environment)
    from datamart_exec.main import main

    main(arguments)


def run_job(killer: Killer, arguments: Sequence[str], environment: Mapping[str, str]) -> int | None:
    """Run the job in a process of its own; its exit code, -9 for a killed one."""
    context: Any = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["datamart_exec.main"])
    process = context.Process(target=_job, args=(list(arguments), dict(environment)))
    process.start()
    killer.pid = process.pid
    process.join(PATIENCE)
    if process.is_alive():
        process.kill()
        process.join()
        raise TimeoutError(f"the job ran longer than {PATIENCE} s")
    code: int | None = process.exitcode
    return code
