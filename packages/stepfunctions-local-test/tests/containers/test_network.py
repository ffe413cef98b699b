import socket
from typing import Any
from unittest.mock import create_autospec

import pytest

import docker
from stepfunctions_local_test.containers import ContainerError, network


@pytest.mark.parametrize(
    ("url", "seen"),
    [
        ("http://127.0.0.1:4566", "http://host.docker.internal:4566"),
        ("http://localhost:4566/path", "http://host.docker.internal:4566/path"),
        ("http://localhost", "http://host.docker.internal"),
        ("http://aws.example.com:4566", "http://aws.example.com:4566"),
    ],
)
def test_loopback_is_the_host_behind_a_bridge(url: str, seen: str) -> None:
    assert network.as_seen_from("bridge", url) == seen


def test_loopback_stays_on_the_network_of_the_host() -> None:
    assert network.as_seen_from("host", "http://127.0.0.1:4566") == "http://127.0.0.1:4566"


def test_a_port_in_use_is_refused_with_the_way_out() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(
            ContainerError,
            match=rf"port {port} of 127\.0\.0\.1.* is not free \(Address already in use\).*network='bridge'",
        ):
            network.refuse_taken(port, "127.0.0.1")
    network.refuse_taken(network.free_port(), "127.0.0.1")


def engine(name: str) -> Any:
    client = create_autospec(docker.DockerClient, instance=True)
    client.info.return_value = {"Name": name}
    return client


@pytest.mark.skipif("sys.platform != 'linux'")
def test_containers_share_the_loopback_of_an_engine_of_this_machine_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    assert network.shares_loopback(engine(socket.gethostname()))
    assert not network.shares_loopback(engine("docker-desktop"))
    monkeypatch.setenv("DOCKER_HOST", "tcp://build.example.com:2376")
    assert not network.shares_loopback(engine(socket.gethostname()))
