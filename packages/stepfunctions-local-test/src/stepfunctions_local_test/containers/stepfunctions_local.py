"""`StepFunctionsLocalContainer`: Step Functions Local as a module of testcontainers.

Differences from other modules: arguments of `with_kwargs` are merged and not replaced, and Ryuk is not started, since
every start and stop removes the containers of killed processes.
"""

import json
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self

import boto3
from docker.errors import DockerException, NotFound
from testcontainers.core.config import testcontainers_config
from testcontainers.core.container import DockerContainer

from stepfunctions_local_test.containers import alive, images, network
from stepfunctions_local_test.containers.errors import ContainerError, NoEngineError
from stepfunctions_local_test.containers.owners import Owner
from stepfunctions_local_test.containers.ready import AnswersListStateMachines
from stepfunctions_local_test.containers.sweep import sweep

PORT = 8083
ACCOUNT = "111122223333"
REGION = "us-east-1"
KEY = "local"
START_SECONDS = 60
MOCK_CONFIG_INSIDE = "/home/StepFunctionsLocal/MockConfigFile.json"
_RYUK = threading.Lock()


class StepFunctionsLocalContainer(DockerContainer):
    """A container of Step Functions Local that calls Lambda, Glue and Step Functions at `endpoint_url`.

    On Linux it shares the host's network and listens on 127.0.0.1; elsewhere, or with `network="bridge"`, its port is
    published on 127.0.0.1 and it reaches this machine as `host.docker.internal`. `port` 0 takes a free one where the
    image can listen elsewhere than on 8083. `mock_config` is the path of an SFN_MOCK_CONFIG file, copied when the
    container starts. The image is the argument, else what STEPFUNCTIONS_LOCAL_IMAGE names, else Amazon's.

        with LocalAws() as aws, StepFunctionsLocalContainer(endpoint_url=aws.endpoint_url) as container:
            container.get_client().list_state_machines()
    """

    def __init__(  # noqa: PLR0913 every setting of Step Functions Local is an argument
        self,
        image: str | None = None,
        *,
        endpoint_url: str | None = None,
        lambda_endpoint: str | None = None,
        glue_endpoint: str | None = None,
        step_functions_endpoint: str | None = None,
        region: str = REGION,
        account: str = ACCOUNT,
        access_key: str = KEY,
        secret_key: str = KEY,
        wait_time_scale: float | None = None,
        mock_config: str | os.PathLike[str] | None = None,
        port: int | None = None,
        network: network.Network | None = None,
        start_seconds: float = START_SECONDS,
        **kwargs: Any,
    ) -> None:
        mocks = None if mock_config is None else checked_mock_config(Path(mock_config))
        try:
            super().__init__(image or images.DEFAULT_IMAGE, **kwargs)
        except DockerException as error:
            raise NoEngineError(error) from error
        self.image = images.chosen(image)
        self.executions: list[str] = []
        self._region = region
        self._credentials = {"aws_access_key_id": access_key, "aws_secret_access_key": secret_key}
        self._endpoints = given(
            LAMBDA_ENDPOINT=lambda_endpoint or endpoint_url,
            GLUE_ENDPOINT=glue_endpoint or endpoint_url,
            STEP_FUNCTIONS_ENDPOINT=step_functions_endpoint or endpoint_url,
        )
        self._variables = given(
            AWS_ACCOUNT_ID=account,
            AWS_DEFAULT_REGION=region,
            AWS_ACCESS_KEY_ID=access_key,
            AWS_SECRET_ACCESS_KEY=secret_key,
            WAIT_TIME_SCALE=wait_time_scale,
            SFN_MOCK_CONFIG=MOCK_CONFIG_INSIDE if mocks else None,
        )
        self._wanted_port, self._wanted_network = port, network
        self._mode, self._port = network, 0
        self._configured: dict[str, str] = {}  # what an earlier start has put into the environment
        if mocks:  # copied and not mounted, so that an engine on another machine has it, too
            self.with_copy_into_container(mocks, MOCK_CONFIG_INSIDE)
        self.waiting_for(AnswersListStateMachines(start_seconds))

    def with_kwargs(self, **kwargs: Any) -> Self:
        """More arguments for Docker; those given before stay, and mappings such as `labels` are merged."""
        self._kwargs = merged(self._kwargs, kwargs)
        return self

    def start(self) -> Self:
        """Start and wait until it answers; otherwise removes it and raises ContainerError."""
        if self._container is not None:
            raise ContainerError(f"{self._container.name} runs already; stop() it before another start()")
        client = self._docker.client
        sweep(client)
        images.ensure(client, self.image)
        try:
            with _without_ryuk():
                super().start()
        except DockerException as error:
            self.stop()
            raise ContainerError(f"a container of {self.image} cannot be started: {error}") from error
        except BaseException:
            self.stop()
            raise
        alive.add(self)
        return self

    def stop(self, force: bool = True, delete_volume: bool = True) -> None:
        """Remove the container, if there is one, and those of killed processes."""
        alive.discard(self)
        with suppress(NotFound):
            super().stop(force, delete_volume)
        if self._container is not None:
            self._container = None
            sweep()

    @property
    def endpoint_url(self) -> str:
        """Where the API answers, seen from this process."""
        if self._mode == "host":
            return f"http://{network.LOOPBACK}:{self._port}"
        if network.publishes_on_loopback(self._docker.client):
            return f"http://{network.LOOPBACK}:{self._docker.port(self.get_container_id(), PORT)}"
        return f"http://{self.get_container_host_ip()}:{self._get_exposed_port(PORT)}"

    def get_client(self, **options: Any) -> Any:
        """A boto3 client of Step Functions in this container; what it starts is noted in `executions`."""
        settings = {"endpoint_url": self.endpoint_url, "region_name": self._region, **self._credentials}
        client = boto3.session.Session().client("stepfunctions", **{**settings, **options})
        client.meta.events.register("after-call.sfn.StartExecution", self._note)
        return client

    def log_tail(self, lines: int = 50) -> str:
        """The last lines of what the container wrote."""
        text: bytes = self.get_wrapped_container().logs(tail=lines)
        return text.decode("utf-8", "replace").rstrip()

    def history(self, execution_arn: str) -> list[dict[str, Any]]:
        """All events of an execution."""
        pages = self.get_client().get_paginator("get_execution_history").paginate(executionArn=execution_arn)
        return [event for page in pages for event in page["events"]]

    def _configure(self) -> None:
        self._mode = self._network_mode()
        endpoints = {name: network.as_seen_from(self._mode, url) for name, url in self._endpoints.items()}
        variables = {**self._variables, **endpoints}
        if self._mode == "host":
            variables |= self._listen()
            # not network_mode: testcontainers may add a network, and Docker refuses both
            ours: dict[str, Any] = {} if "network_mode" in self._kwargs else {"network": "host"}
        else:
            self._publish()
            ours = {"extra_hosts": network.EXTRA_HOSTS}
        others = {key: value for key, value in self.env.items() if self._configured.get(key) != value}
        self._configured, self.env = variables, {**variables, **others}
        self._kwargs = merged(merged(ours, self._kwargs), {"labels": Owner.this_process().labels})

    def _network_mode(self) -> network.Network:
        asked = self._kwargs.get("network") or self._kwargs.get("network_mode")
        if self._network is not None or asked is not None:
            return "host" if asked == "host" else "bridge"
        best: network.Network = "host" if network.shares_loopback(self._docker.client) else "bridge"
        return self._wanted_network or best

    def _listen(self) -> dict[str, str]:
        """Take a port of the host; the variables tell the container which."""
        wanted = PORT if self._wanted_port is None else self._wanted_port
        if images.heeds_port(self._docker.client, self.image):
            self._port = wanted or network.free_port()
            network.refuse_taken(self._port, network.LOOPBACK)
            return {images.PORT_VARIABLE: str(self._port), "SFN_LOCAL_BIND": network.LOOPBACK}
        self._port = PORT
        if wanted not in (0, PORT):
            raise ContainerError(
                f"{self.image} always listens on {PORT}, got port={wanted}; start it with "
                f"network='bridge', where any port can be published, or leave port out"
            )
        network.refuse_taken(PORT, "0.0.0.0")  # noqa: S104 - that is where the container would listen
        return {}

    def _publish(self) -> None:
        address = network.LOOPBACK if network.publishes_on_loopback(self._docker.client) else ""
        published: Any = (address, self._wanted_port or None)
        self.ports[f"{PORT}/tcp"] = published

    def _note(self, parsed: Mapping[str, Any], **_: Any) -> None:
        if "executionArn" in parsed:
            self.executions.append(parsed["executionArn"])


def given(**variables: object) -> dict[str, str]:
    """Environment variables, without those that are None."""
    return {name: str(value) for name, value in variables.items() if value is not None}


def checked_mock_config(path: Path) -> Path:
    """The path, when a JSON file is there."""
    try:
        json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ContainerError(f"mock_config must be the path of a JSON file, got {path}: {error}") from error
    return path


def merged(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """Both; where both have a mapping, the two mappings, and else the second's value."""
    both = {
        key: {**first[key], **second[key]}
        for key in first.keys() & second.keys()
        if isinstance(first[key], Mapping) and isinstance(second[key], Mapping)
    }
    return {**first, **second, **both}


@contextmanager
def _without_ryuk() -> Iterator[None]:
    """testcontainers asks one setting of the whole process; it is put back as soon as the container is there."""
    with _RYUK:
        before = testcontainers_config.ryuk_disabled
        testcontainers_config.ryuk_disabled = True
        try:
            yield
        finally:
            testcontainers_config.ryuk_disabled = before
