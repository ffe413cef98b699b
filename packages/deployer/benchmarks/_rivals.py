"""The deployers that `deploy.py` compares: the input of each, and the commands that deploy it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from _estate import ARTIFACTS, Estate
from _playbook import playbook
from _template import template
from _tools import python_tool, version_of

STACK = "cars-local"
Command = tuple[str, ...]


@dataclass(frozen=True)
class Workspace:
    """A folder to work in, and the build to deploy, which is a copy that may change."""

    folder: Path
    build: Path
    estate: Estate | None = None  # None only while ours shows what there is to deploy

    @property
    def shown(self) -> Estate:
        if self.estate is None:
            raise ValueError("a rival needs the estate that a first deploy of ours has shown")
        return self.estate


@dataclass(frozen=True)
class Deployer:
    """One way to deploy: `commands` writes what the tool reads, and says what to run, each time the same."""

    name: str
    version: str
    commands: Callable[[Workspace], list[Command]]
    glue: bool = True
    notes: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)


def ours(work: Workspace) -> list[Command]:
    """The command line that `nox -s deploy` calls."""
    build = f"--build-dir={work.build}"
    return [(sys.executable, "-m", "deployer", "deploy", "local", "--yes", build)]


def cloudformation(work: Workspace) -> list[Command]:
    """`aws cloudformation package` uploads the zips, `deploy` makes a change set and executes it."""
    aws = str(python_tool("awscli") / "aws")
    source, packaged = _write_template(work), str(work.folder / "packaged.json")
    bucket = (f"--s3-bucket={ARTIFACTS}", "--s3-prefix=cloudformation")
    package = ("package", f"--template-file={source}", f"--output-template-file={packaged}", "--use-json")
    deploy = (
        "deploy",
        f"--template-file={packaged}",
        f"--stack-name={STACK}",
        "--no-fail-on-empty-changeset",
    )
    return [
        (aws, "cloudformation", *package, *bucket),
        (aws, "cloudformation", *deploy, "--capabilities=CAPABILITY_NAMED_IAM", *bucket),
    ]


def sam(work: Workspace) -> list[Command]:
    """`sam deploy` does both in one process."""
    options = (
        "--capabilities=CAPABILITY_NAMED_IAM",
        "--no-fail-on-empty-changeset",
        "--no-confirm-changeset",
    )
    bucket = (f"--s3-bucket={ARTIFACTS}", "--s3-prefix=sam", f"--stack-name={STACK}")
    source = f"--template-file={_write_template(work)}"
    return [(str(python_tool("aws-sam-cli") / "sam"), "deploy", source, *bucket, *options)]


def ansible(work: Workspace) -> list[Command]:
    """One playbook; its modules call the same APIs as we do."""
    tools = python_tool("ansible")
    path = work.folder / "playbook.json"
    path.write_text(json.dumps(playbook(work.shown, work.build, tools / "python")), encoding="utf-8")
    return [(str(tools / "ansible-playbook"), "--inventory=localhost,", "--connection=local", str(path))]


def _write_template(work: Workspace) -> Path:
    path = work.folder / "template.json"
    path.write_text(json.dumps(template(work.shown, work.build), separators=(",", ":")), encoding="utf-8")
    return path


_STACK_NOTES = (
    "no Glue job and none of its wheels: the endpoint's CloudFormation has no AWS::Glue::Job",
    "the endpoint makes a stack's resources in its own process, at no cost per call",
)


def deployers() -> dict[str, Deployer]:
    """All by name, ours first."""
    known = (
        Deployer("deployer", "this tree", ours),
        Deployer(
            "cloudformation", f"awscli {version_of('awscli')}", cloudformation, glue=False, notes=_STACK_NOTES
        ),
        Deployer(
            "sam",
            f"aws-sam-cli {version_of('aws-sam-cli')}",
            sam,
            glue=False,
            notes=(*_STACK_NOTES, "plain resource types: AWS expands those of SAM, the endpoint does not"),
            environment={"SAM_CLI_TELEMETRY": "0", "SAM_CLI_CHECK_VERSION_UPDATE": "0"},
        ),
        Deployer(
            "ansible",
            f"ansible {version_of('ansible')}",
            ansible,
            notes=("its module for state machines sets no logging and no tracing",),
            environment={
                "ANSIBLE_NOCOLOR": "1",
                "ANSIBLE_LOCALHOST_WARNING": "False",
                "ANSIBLE_PIPELINING": "1",
            },
        ),
    )
    return {deployer.name: deployer for deployer in known}
