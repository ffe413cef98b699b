"""IAM users with exactly the policies that `plan --needs-iam` prints, and what the endpoint decided about their calls."""

import itertools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import botocore.loaders
import botocore.session
import pytest
from typer.testing import CliRunner

from deployer.cli.app import app
from deployer.required_permissions.documents import documents
from deployer.required_permissions.grants import Grant, Task
from deployer.required_permissions.scope import scope_of
from deployer.required_permissions.statements import required_permissions
from local_aws.access.decisions import DecisionRecord
from support.environments import environment, raw_config

if TYPE_CHECKING:
    from local_aws.server import LocalAws

ACCOUNT = "111122223333"
_numbers = itertools.count(1)
_loader = botocore.loaders.create_loader()  # reads the models of the services once for all commands


def _session() -> boto3.Session:
    core = botocore.session.Session()
    core.register_component("data_loader", _loader)
    return _Session(botocore_session=core)


_Session = boto3.Session


@dataclass(frozen=True)
class CheckedPermission:
    """One permission that was checked, with the condition keys of the call."""

    action: str
    resource: str
    context: Mapping[str, tuple[str, ...]]
    allowed: bool
    sids: frozenset[str]


@dataclass(frozen=True)
class Period:
    """The policy of one user at one time, and every permission that was checked meanwhile."""

    task: Task
    grants: tuple[Grant, ...]
    asked: tuple[CheckedPermission, ...]


@dataclass
class TaskUser:
    """An IAM user for one task."""

    iam: Any
    endpoint: Mapping[str, str]
    task: Task
    grants: tuple[Grant, ...] = ()
    name: str = field(default_factory=lambda: f"needs-{next(_numbers)}")

    def __post_init__(self) -> None:
        self.iam.create_user(UserName=self.name)
        key = self.iam.create_access_key(UserName=self.name)["AccessKey"]
        self.env = {
            **self.endpoint,
            "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
        }

    def allow(self, grants: tuple[Grant, ...]) -> None:
        """The managed policies of these statements and nothing else."""
        iam, self.grants = self.iam, grants
        for attached in iam.list_attached_user_policies(UserName=self.name)["AttachedPolicies"]:
            iam.detach_user_policy(UserName=self.name, PolicyArn=attached["PolicyArn"])
        for document in documents(grants):
            made = iam.create_policy(PolicyName=f"p{next(_numbers)}", PolicyDocument=document.text)
            iam.attach_user_policy(UserName=self.name, PolicyArn=made["Policy"]["Arn"])


@dataclass
class Lifecycle:
    """One environment from its first deploy to its end, each step by the user for its task."""

    aws: "LocalAws"
    folder: Path
    build_dir: Path
    deploy_env: str
    changes: dict[str, Any] = field(default_factory=dict)
    people: dict[Task, TaskUser] = field(default_factory=dict)
    periods: list[Period] = field(default_factory=list)
    made: dict[str, Any] = field(default_factory=dict)

    def client(self, service: str) -> Any:
        """An administrator's client, made once."""
        if service not in self.made:
            self.made[service] = self.aws.client(service)
        return self.made[service]

    @property
    def prefix(self) -> str:
        return f"FSA-{self.deploy_env}-"

    def configure(self, **changes: Any) -> None:
        """Another environment file: every user gets the policy that is printed for it."""
        self.close()
        self.changes |= changes
        raw = raw_config(deployEnv=self.deploy_env, env=self.deploy_env.lower(), **self.changes)
        (self.folder / "other.json").write_text(json.dumps(raw))
        scope = scope_of(
            environment("other", deployEnv=self.deploy_env, env=self.deploy_env.lower(), **self.changes),
            ACCOUNT,
        )
        for task in Task:
            person = self.people.get(task) or TaskUser(self.client("iam"), self.aws.env, task)
            self.people[task] = person
            person.allow(required_permissions(scope, [task]))

    def __call__(self, task: Task, *words: str, code: int = 0) -> str:
        """Runs a command as the user for this task; returns what it printed."""
        with pytest.MonkeyPatch.context() as patch:
            for name, value in self.people[task].env.items():
                patch.setenv(name, value)
            patch.setattr(boto3, "Session", _session)
            done = CliRunner().invoke(app, [*words, "--config-dir", str(self.folder)])
        if done.exit_code != code:
            pytest.fail(f"{words}: {done.exit_code}\n{done.stdout[-2000:]}\n{done.stderr}", pytrace=False)
        return f"{done.stdout}{done.stderr}"

    def built(self, task: Task, command: str, *words: str, code: int = 0) -> str:
        """The same for a command that takes a build."""
        return self(task, command, "other", *words, "--build-dir", str(self.build_dir), code=code)

    def close(self) -> None:
        """Ends the period: what was checked since the last one belongs to its policies."""
        by_arn = _decisions(self.aws)
        for task, person in self.people.items():
            asked = tuple(by_arn.get(f"arn:aws:iam::{ACCOUNT}:user/{person.name}", ()))
            self.periods.append(Period(task, person.grants, asked))


def _decisions(aws: "LocalAws") -> dict[str, list[CheckedPermission]]:
    """What was decided since the last call, by principal."""
    record = DecisionRecord(aws.endpoint_url)
    found = record.read().decided
    record.reset()
    by_arn: dict[str, list[CheckedPermission]] = {}
    for item in found:
        sids = frozenset(grant.sid for grant in item.grants)
        asked = CheckedPermission(item.action, item.resource, item.context, item.allowed, sids)
        by_arn.setdefault(item.principal, []).append(asked)
    return by_arn


def bare(sid: str) -> str:
    """A statement's name, also of one that had to be cut in pieces."""
    return re.sub(r"(?<=[a-z])[AB]+$", "", sid)


def mutants(grant: Grant) -> Iterator[tuple[str, Grant]]:
    """The statement without each of its actions, and without each of its resources."""
    from dataclasses import replace

    for action in grant.actions:
        left = tuple(item for item in grant.actions if item != action)
        yield action, replace(grant, actions=left or ("none:Left",))
    for resource in grant.resources:
        rest = tuple(item for item in grant.resources if item != resource)
        yield resource, replace(grant, resources=rest or ("arn:aws:none:::left",))
