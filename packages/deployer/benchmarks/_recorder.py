"""A proxy on 127.0.0.1 in front of an AWS endpoint: notes every call, and can make each one take longer.

What a deployer did is counted here, at the endpoint, and not taken from what it says about itself.
"""

from __future__ import annotations

import http.client
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from _calls import Call, call_of

_HOP_BY_HOP = {"connection", "transfer-encoding", "content-length", "keep-alive", "expect"}
_PATIENCE = 300  # seconds an answer of the endpoint may take
_LARGEST = 1 << 30  # bytes of one request; more is a mistake of the benchmark


class Recorder:
    """Forwards to `endpoint` and adds `latency` seconds to each call; `calls` are those since `forget`."""

    def __init__(self, endpoint: str, latency: float = 0.0) -> None:
        self.calls: list[Call] = []
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.upstream = urlsplit(endpoint).netloc
        self._server.latency = latency
        self._server.note = self.calls.append
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def forget(self) -> None:
        self.calls.clear()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    upstream: str
    latency: float
    note: Any


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = _PATIENCE
    server: _Server

    def setup(self) -> None:
        super().setup()
        self._upstream = http.client.HTTPConnection(self.server.upstream, timeout=_PATIENCE)

    def finish(self) -> None:
        self._upstream.close()
        super().finish()

    def _forward(self) -> None:
        began = time.perf_counter()
        body = self._body()
        time.sleep(self.server.latency)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOP_BY_HOP}
        answer, content = self._ask(body, headers)
        self._answer(answer, content)
        ended = time.perf_counter()
        self.server.note(
            call_of(self.command, self.path, dict(headers.items()), body, (began, ended), answer.status)
        )

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = do_PATCH = _forward  # noqa: N815 - the library's names

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return b"".join(iter(self._chunk, b""))
        length = int(self.headers.get("Content-Length") or 0)
        if length > _LARGEST:
            raise ValueError(f"a request of {length} bytes; at most {_LARGEST} are expected")
        return self.rfile.read(length)

    def _chunk(self) -> bytes:
        size = int(self.rfile.readline().split(b";")[0], 16)
        content = self.rfile.read(size)
        self.rfile.readline()
        return content

    def _ask(self, body: bytes, headers: dict[str, str]) -> tuple[http.client.HTTPResponse, bytes]:
        self._upstream.request(
            self.command, self.path, body=body, headers={**headers, "Content-Length": str(len(body))}
        )
        answer = self._upstream.getresponse()
        return answer, answer.read()

    def _answer(self, answer: http.client.HTTPResponse, content: bytes) -> None:
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if name.lower() not in _HOP_BY_HOP:
                self.send_header(name, value)
        length = answer.getheader("Content-Length") if self.command == "HEAD" else None
        self.send_header("Content-Length", length or str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """No log line per call."""
