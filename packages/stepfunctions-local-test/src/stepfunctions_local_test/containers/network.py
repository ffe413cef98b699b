"""How a container and this machine reach each other."""

import socket
import sys
from typing import Literal
from urllib.parse import urlsplit

from testcontainers.core.docker_client import get_docker_host
from testcontainers.core.utils import inside_container

import docker
from stepfunctions_local_test.containers.errors import ContainerError

Network = Literal["host", "bridge"]
LOOPBACK = "127.0.0.1"
GATEWAY = "host.docker.internal"
EXTRA_HOSTS = {GATEWAY: "host-gateway"}
LOCAL_SCHEMES = ("unix", "npipe", "http+unix")


def engine_is_local() -> bool:
    """Whether the engine's host is this machine."""
    host = get_docker_host()
    return host is None or urlsplit(host).scheme in LOCAL_SCHEMES


def shares_loopback(client: docker.DockerClient) -> bool:
    """Whether a container on the host's network and this process have one loopback.

    Not in Docker Desktop, whose containers run in a virtual machine, nor in a container beside them: the engine's host
    has another name there.
    """
    if sys.platform != "linux" or not engine_is_local():
        return False
    return bool(client.info().get("Name") == socket.gethostname())


def publishes_on_loopback(client: docker.DockerClient) -> bool:
    """Whether a port published on 127.0.0.1 of the engine's host can be reached at 127.0.0.1 from here."""
    return shares_loopback(client) or (engine_is_local() and not inside_container())


def as_seen_from(network: Network, url: str) -> str:
    """An endpoint of this machine as the container must call it."""
    parts = urlsplit(url)
    if network == "host" or parts.hostname not in (LOOPBACK, "localhost", "::1"):
        return url
    port = f":{parts.port}" if parts.port else ""
    return parts._replace(netloc=f"{GATEWAY}{port}").geturl()


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        number: int = probe.getsockname()[1]
        return number


def refuse_taken(port: int, address: str) -> None:
    """Raise when a program of this machine has the port that the container is to listen on."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            raise ContainerError(
                f"port {port} of {address}, on which Step Functions Local would listen, is not free ({error.strerror}); "
                f"stop what listens there, or start the container with another port or with network='bridge'"
            ) from error
