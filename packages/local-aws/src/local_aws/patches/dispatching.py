"""Routing of requests: the service behind a host name is looked up once.

moto 5.2.5 lists its own folder and tries every service's address pattern for each request, one request at a time.
"""

from functools import lru_cache
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication

from local_aws.emulator.patching import replace

HOSTS = 1024


def install() -> None:
    """Cache the service of each host name."""
    find = DomainDispatcherApplication.get_backend_for_host
    remembered = lru_cache(HOSTS)(find)

    def backend_for_host(self: Any, host: str | None) -> Any:
        return remembered(self, host)

    replace(
        DomainDispatcherApplication,
        "get_backend_for_host",
        backend_for_host,
        reason="finding the service takes longer than many a call, and requests wait for each other meanwhile",
    )
