"""One environment of its own on the local AWS, for each test."""

import functools
import json
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deployer.applying.apply import apply
from deployer.applying.attempt import Run
from deployer.aws.clients import Clients, checked_names
from deployer.deploying.deploy import is_pending, make_live
from deployer.deploying.deployment import Deployment, Prepared
from deployer.deploying.prepare import prepare
from deployer.deploying.release_record import Author
from deployer.deploying.rollback import prepare_rollback
from deployer.planning.plan import Change
from support.environments import environment, raw_config

if TYPE_CHECKING:
    from local_aws.server import LocalAws

TODAY = date(2026, 6, 1)
_READS = ("Get", "List", "Head", "Describe")


@functools.cache
def administrators_client(aws: "LocalAws", service: str) -> Any:
    """A client that may do everything and that no test watches, made once for all of them."""
    return aws.client(service)


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
        return make_live(prepared, "deploy", Author("tester"), Run(prepared.account.adapters))

    def apply_only(self, prepared: Prepared, kinds: set[str]) -> None:
        """Applies a part of a plan, like an interrupted deploy."""
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
        return administrators_client(self.aws, name)

    def name(self, suffix: str) -> str:
        return f"FSA-{self.deploy_env}-{suffix}"

    def write_config(self, folder: Path) -> Path:
        """The environment as a file `cert.json` for the command line."""
        folder.mkdir(parents=True, exist_ok=True)
        raw = raw_config(deployEnv=self.deploy_env, **self.changes)
        (folder / "cert.json").write_text(json.dumps(raw))
        return folder
