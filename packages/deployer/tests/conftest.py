"""Fixtures: builds made once, and a local AWS with an environment of its own for every test."""

import itertools
import json
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from fake_account import furnish
from fake_builds import write_builds
from fake_config import BUCKETS, environment, raw_config
from shells import Commands, Shell

from deployer import preflight
from deployer.apply import Run, apply
from deployer.aws.account import open_account
from deployer.aws.clients import Clients, checked_names
from deployer.deployment import Deployment, Prepared, prepare
from deployer.deployments.live import Author, go_live, is_pending
from deployer.deployments.rollback import prepare_rollback
from deployer.guard.lock_object import brisk_s3
from deployer.names import names_of
from deployer.plan import Change

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from local_aws.server import LocalAws

TODAY = date(2026, 6, 1)
_numbers = itertools.count(1)
_READS = ("Get", "List", "Head", "Describe")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--boundaries",
        metavar="STAGE,...",
        default="",
        help="kill deploys at both sides of every call of these stages (or of all), not of one call of each kind",
    )


@pytest.fixture
def build_dir(tmp_path: Path) -> Path:
    """Small builds of everything, free to be changed by the test."""
    return write_builds(tmp_path / "build")


@dataclass
class Sandbox:
    """One environment of its own on the local AWS; `operations` are the API calls since the last `open`."""

    deploy_env: str
    build_dir: Path
    aws: "LocalAws"
    clients: Clients
    operations: list[str]
    changes: dict[str, Any] = field(default_factory=dict)
    asked: str = "cert"

    def open(self) -> Deployment:
        config = environment(self.asked, deployEnv=self.deploy_env, **self.changes)
        self.operations.clear()
        return Deployment(config, self.clients, checked_names(config, self.clients))

    def prepare(self, percent: int | None = None) -> Prepared:
        return prepare(self.open(), self.build_dir, percent)

    def apply(self, prepared: Prepared) -> tuple[Change, ...]:
        return go_live(prepared, "deploy", Author("tester"), Run(prepared.account.adapters))

    def apply_only(self, prepared: Prepared, kinds: set[str]) -> None:
        """Carries out a part of a plan, as a deploy does that is cut off."""
        changes = tuple(change for change in prepared.plan.changes if change.key.kind in kinds)
        apply(replace(prepared.plan, changes=changes), Run(prepared.account.adapters))

    def deploy(self, percent: int | None = None) -> Prepared:
        prepared = self.prepare(percent)
        if is_pending(prepared):
            self.apply(prepared)
        return prepared

    def roll_back(self, release: str | None = None) -> Prepared:
        prepared = prepare_rollback(self.open(), release)
        self.apply(prepared)
        return prepared

    @property
    def mutations(self) -> list[str]:
        return [name for name in self.operations if not name.startswith(_READS)]

    def client(self, name: str) -> Any:
        return self.aws.client(name)

    def name(self, suffix: str) -> str:
        return f"FSA-{self.deploy_env}-{suffix}"

    def write_config(self, folder: Path) -> Path:
        """The environment as a file `cert.json` for the command line."""
        folder.mkdir(parents=True, exist_ok=True)
        raw = raw_config(deployEnv=self.deploy_env, **self.changes)
        (folder / "cert.json").write_text(json.dumps(raw))
        return folder


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
    """The furnished AWS as the process's own: endpoint and credentials in the environment, on a day of ours."""
    for name, value in furnished_aws.env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(preflight, "today", lambda: TODAY)
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
    """A fresh environment; others of the same session stay out of its sight."""
    clients, operations = recorded_clients
    return Sandbox(f"T{next(_numbers)}", build_dir, aws, clients, operations)


@pytest.fixture
def shell(sandbox: Sandbox, tmp_path: Path) -> Shell:
    """The command line on the sandbox's environment."""
    return Shell(sandbox, tmp_path)


@pytest.fixture
def commands(shell: Shell) -> Commands:
    """The same without a process for each command."""
    return Commands(shell)
