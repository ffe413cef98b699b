"""Who deploys, from where: AWS identity, user of the operating system, machine and build."""

import getpass
import os
import socket
from collections.abc import Mapping
from urllib.parse import urlsplit, urlunsplit

from deployer.guard.lock_record import Holder


def holder_here(arn: str, doing: str, environ: Mapping[str, str] = os.environ) -> Holder:
    """This process as a holder; `arn` is that of the credentials."""
    return Holder(who(arn), _user(), socket.gethostname(), os.getpid(), build_url(environ), doing)


def who(arn: str) -> str:
    """`role Deployer, session build-17`, `user anna` or the ARN's last part."""
    resource = arn.rpartition(":")[2]
    kind, _, name = resource.partition("/")
    if kind == "assumed-role":
        role, _, session = name.partition("/")
        return f"role {role}, session {session}"
    return f"user {name.rpartition('/')[2]}" if kind == "user" else resource


def build_url(environ: Mapping[str, str]) -> str | None:
    """The page of the build: Jenkins, GitLab, CodeBuild, GitHub Actions."""
    for name in ("BUILD_URL", "CI_JOB_URL", "CODEBUILD_PUBLIC_BUILD_URL", "CODEBUILD_BUILD_URL"):
        if environ.get(name):
            return _without_credentials(environ[name])
    parts = [environ.get(name) for name in ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")]
    if all(parts):
        return f"{parts[0]}/{parts[1]}/actions/runs/{parts[2]}"
    return None


def _without_credentials(url: str) -> str:
    split = urlsplit(url)
    return urlunsplit(split._replace(netloc=split.netloc.rpartition("@")[2]))


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return f"uid {os.getuid()}" if hasattr(os, "getuid") else "unknown"
