"""Fixtures: builds made once, and a local AWS with an environment of its own for every test."""

import gc
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import botocore.loaders
import botocore.session
import pytest
from support.account import furnish
from support.build_output import write_builds
from support.command_line import Commands, Shell
from support.environments import BUCKETS, environment
from support.sandbox import TODAY, Sandbox

from deployer.aws.account import open_account
from deployer.aws.clients import Clients
from deployer.guard.lock_object import brisk_s3
from deployer.model.names import names_of
from deployer.preflight import checks

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from local_aws.server import LocalAws

_numbers = itertools.count(1)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--boundaries",
        metavar="STAGE,...",
        default="",
        help="kill deploys at both sides of every call of these stages (or of all), not of one call of each kind",
    )


def pytest_collection_finish() -> None:
    """Modules and tests stay to the end: looking through them for garbage again and again costs a tenth of the run."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _service_models() -> Iterator[None]:
    """Each service's model is read once in a run, not once in each session: that takes longer than most commands."""
    loader = botocore.loaders.create_loader()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.session, "create_loader", lambda _=None: loader)
        yield


@pytest.fixture
def build_dir(tmp_path: Path) -> Path:
    """Small builds of everything, which a test may change."""
    return write_builds(tmp_path / "build")


@pytest.fixture(scope="session")
def recorded_clients(local_aws: "LocalAws") -> tuple[Clients, list[str]]:
    """Clients of the local AWS, made once, and the names of the operations they call."""
    operations: list[str] = []

    def record(model: Any, **_: Any) -> None:
        operations.append(model.name)

    with pytest.MonkeyPatch.context() as patch:
        for name, value in local_aws.env.items():
            patch.setenv(name, value)
        clients = Clients(boto3.Session(), "us-east-1", "us-east-1")
        clients.session.events.register("before-call", record)
        open_account(clients, names_of(environment(), "aws", "111122223333"), BUCKETS[3], ())
    return clients, operations


@pytest.fixture
def aws(furnished_aws: "LocalAws", monkeypatch: pytest.MonkeyPatch) -> "LocalAws":
    """The furnished AWS as that of the process: endpoint and credentials in the environment, on a fixed day."""
    for name, value in furnished_aws.env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(checks, "today", lambda: TODAY)
    return furnished_aws


@pytest.fixture(scope="session")
def furnished_aws(local_aws: "LocalAws") -> "LocalAws":
    """The local AWS with what an account has before the deployer comes, made once."""
    furnish(local_aws.client)
    return local_aws


@pytest.fixture(scope="session")
def guard_s3(furnished_aws: "LocalAws") -> "S3Client":
    """The client that lock and journal use, made once."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in furnished_aws.env.items():
            patch.setenv(name, value)
        return brisk_s3("us-east-1")


@pytest.fixture
def sandbox(aws: "LocalAws", build_dir: Path, recorded_clients: tuple[Clients, list[str]]) -> Sandbox:
    """A new environment, separate from others of the same session."""
    clients, operations = recorded_clients
    return Sandbox(f"T{next(_numbers)}", build_dir, aws, clients, operations)


@pytest.fixture
def shell(sandbox: Sandbox, tmp_path: Path) -> Shell:
    """The command line on the sandbox's environment, each command a process."""
    return Shell(sandbox, tmp_path)


@pytest.fixture
def commands(sandbox: Sandbox, tmp_path: Path) -> Commands:
    """The same without a process for each command."""
    return Commands(sandbox, tmp_path)
