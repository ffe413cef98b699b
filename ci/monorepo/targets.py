"""The runtimes that a build is for: those of an environment come from the deployer, the local one is this Python."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from monorepo.environments import python_of
from monorepo.packages import ROOT, MonorepoError, named
from monorepo.tools import clean_environment

LOCAL_GLUE = "5.1"
LOCAL = "local"
VALUED = (
    "--account",
    "--build-dir",
    "--canary",
    "--config-dir",
    "--data-src",
    "--date",
    "--for",
    "--keep",
    "--limit",
    "--lock-timeout",
    "--manifest",
    "--markdown",
    "--max-deletes",
    "--out",
    "--outputs",
    "--package",
    "--plan",
    "--sarif",
    "--source",
    "--tables",
    "--timeout",
)


@dataclass(frozen=True)
class Target:
    """The Lambda runtime (`python3.13`) and the Glue version (`5.1`) that the artefacts must run on."""

    runtime: str
    glue_version: str


def local_target() -> Target:
    """The local AWS runs zips with this interpreter."""
    return Target(f"python{sys.version_info.major}.{sys.version_info.minor}", LOCAL_GLUE)


def target_of(environment: str, arguments: Sequence[str]) -> Target:
    """What the environment file names; `--config-dir` among the arguments is passed on."""
    if environment == LOCAL:
        return local_target()
    command = [python_of(named("deployer")), "-m", "deployer", "target", environment, *_config_dir(arguments)]
    done = subprocess.run(command, cwd=ROOT, env=clean_environment(), capture_output=True, text=True)
    if done.returncode:
        raise MonorepoError((done.stderr or done.stdout).strip())
    answer = json.loads(done.stdout)
    return Target(answer["runtime"], answer["glue_version"])


def named_environment(arguments: Sequence[str]) -> str | None:
    """The first word of a deployer command's arguments that is neither an option nor an option's value."""
    values = {index + 1 for index, word in enumerate(arguments) if word in VALUED}
    words = (word for index, word in enumerate(arguments) if index not in values and not word.startswith("-"))
    return next(words, None)


def _config_dir(arguments: Sequence[str]) -> list[str]:
    for index, word in enumerate(arguments):
        if word.startswith("--config-dir="):
            return [word]
        if word == "--config-dir":
            return list(arguments[index : index + 2])
    return []
