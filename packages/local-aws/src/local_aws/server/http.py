"""The HTTP server: moto's WSGI application with authorisation, in threads, with connections kept open."""

import threading
from types import TracebackType
from typing import Any, Self

from local_aws.emulator import settings  # isort: skip - before anything of moto

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

from local_aws.access.callers import Callers
from local_aws.access.guard import Guard
from local_aws.access.middleware import Enforcement


class Handler(MotoRequestHandler):
    """Quiet, HTTP/1.1 (a new connection per call costs more than the call), no Nagle delay between head and body."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 120

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - werkzeug's name
        """Log nothing: one line per request is noise here."""


def guarded(guard: Guard) -> Any:
    """All services, every call authorised."""
    emulator = DomainDispatcherApplication(create_backend_app)
    return Enforcement(emulator, guard, Callers(settings.ACCOUNT))


class Endpoint:
    """Serves requests in threads until closed."""

    def __init__(self, application: Any, port: int, *, host: str = "127.0.0.1") -> None:
        self._host = host
        self._server = make_server(host, port, application, threaded=True, request_handler=Handler)
        self.port: int = self._server.server_port
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="endpoint", daemon=True
        )

    @property
    def url(self) -> str:
        """The value of AWS_ENDPOINT_URL."""
        return f"http://{self._host}:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
