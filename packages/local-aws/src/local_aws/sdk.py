"""boto3 clients, all from one session, which reads the model of each service once."""

import threading
from functools import cache
from typing import Any

_lock = threading.Lock()  # a session must not make two clients at once


@cache
def _session() -> Any:
    import boto3  # on first use: `serve` and the pytest plugin start without it

    return boto3.session.Session()


def make_client(service: str, **settings: Any) -> Any:
    """A client with boto3's settings: region, endpoint, credentials.

    A session of its own would parse the service's model again, which takes 50 to 250 ms instead of 5.
    """
    with _lock:
        return _session().client(service, **settings)
