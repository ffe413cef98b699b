import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

import docker
from stepfunctions_local_test.containers import StepFunctionsLocalContainer, sweep

PROGRAM = """
import sys
from stepfunctions_local_test.containers import StepFunctionsLocalContainer
container = StepFunctionsLocalContainer(port=0).start()
print(container.get_wrapped_container().name, flush=True)
{then}
"""


@pytest.fixture
def engine(_container: None) -> Iterator[docker.DockerClient]:
    client = docker.from_env()
    yield client
    client.close()


def names(engine: docker.DockerClient) -> set[str]:
    return {str(container.name) for container in engine.containers.list(all=True)}


def test_a_killed_process_leaves_a_container_that_the_next_sweep_removes(engine: docker.DockerClient) -> None:
    killed = subprocess.Popen(
        [sys.executable, "-c", PROGRAM.format(then="sys.stdin.read()")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert killed.stdout is not None
    name = killed.stdout.readline().strip()
    assert name in names(engine)
    assert name not in sweep(engine), "its owner lives"
    assert name in names(engine)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    sweep(engine)
    assert name not in names(engine)


def test_a_container_that_nobody_stopped_ends_with_its_process(engine: docker.DockerClient) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(then="")], stdout=subprocess.PIPE, text=True, check=True
    )
    assert done.stdout.strip()
    assert done.stdout.strip() not in names(engine)


def test_containers_of_another_host_and_of_strangers_stay(
    engine: docker.DockerClient, running: StepFunctionsLocalContainer
) -> None:
    image = running.image
    foreign = {f"cars.stepfunctions-local.owner-{key}": value for key, value in FOREIGN.items()}
    made = [engine.containers.create(image, labels=labels) for labels in (foreign, {"team": "a"})]
    try:
        sweep(engine)
        assert {str(container.name) for container in made} <= names(engine)
    finally:
        for container in made:
            container.remove(force=True)
    assert running.get_wrapped_container().name in names(engine)


FOREIGN = {"host": "elsewhere", "pid": "999999999", "started": "1"}


def test_a_start_sweeps(engine: docker.DockerClient, running: StepFunctionsLocalContainer) -> None:
    labels = {**running.get_wrapped_container().labels, "cars.stepfunctions-local.owner-started": "1"}
    ours = {key: value for key, value in labels.items() if key.startswith("cars.")}
    left = engine.containers.create(running.image, labels=ours)
    with StepFunctionsLocalContainer(port=0):
        assert left.name not in names(engine)
