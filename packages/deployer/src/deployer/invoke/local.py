"""Runs a built zip in its own process, as Lambda does: only the zip and the boto3 of the runtime are importable."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deployer.blueprint.functions import handler
from deployer.blueprint.specs import Spec, variables
from deployer.build_output.contents import LambdaBuild
from deployer.environment_file import Environment
from deployer.errors import InvokeError
from deployer.invoke.deployed import failure

# Credentials, endpoint and what every process needs; nothing else of the caller's environment is passed on.
_PASSED = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_PROFILE",
    "AWS_ENDPOINT_URL",
)
_PASSED_SYSTEM = ("PATH", "HOME", "LANG", "SSL_CERT_FILE", "AWS_CA_BUNDLE", "AWS_CONFIG_FILE")
_GRACE_SECONDS = 10
# What the runtime of Lambda provides beside the zip; nothing else of this environment is importable.
_PROVIDED = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3")

# Runs under `python -I -S`: the standard library, the unpacked zip, then the boto3 of the runtime.
_BOOTSTRAP = """
import importlib, json, sys
code, provided, dotted, answer = sys.argv[1:5]
sys.path[:0] = [code]
sys.path.append(provided)
class Context:
    aws_request_id = "local"
    log_group_name = log_stream_name = "local"
    def __init__(self, name, arn, memory):
        self.function_name, self.invoked_function_arn, self.memory_limit_in_mb = name, arn, memory
        self.function_version = "$LATEST"
    def get_remaining_time_in_millis(self):
        return int(sys.argv[8]) * 1000
module, _, name = dotted.rpartition(".")
try:
    event = json.load(sys.stdin)
    result = getattr(importlib.import_module(module), name)(event, Context(*sys.argv[5:8]))
    outcome = {"answer": json.loads(json.dumps(result))}
except BaseException as error:
    import traceback
    traceback.print_exc()
    outcome = {"error": {"errorType": type(error).__name__, "errorMessage": str(error)}}
with open(answer, "w", encoding="utf-8") as file:
    json.dump(outcome, file)
"""


@dataclass(frozen=True)
class LocalCall:
    """One function to run locally: its build, its settings and its name."""

    spec: Spec
    build: LambdaBuild
    environment: Environment

    @property
    def name(self) -> str:
        return f"{self.environment.prefix}-{self.spec.suffix}"


def call_locally(local: LocalCall, event: Mapping[str, Any]) -> Any:
    """The handler's answer, its log on standard error. Raises InvokeError as a remote call would."""
    python = find_python(local.environment.runtime)
    with tempfile.TemporaryDirectory(prefix="invoke-") as folder:
        code, answer = Path(folder, "code"), Path(folder, "answer.json")
        with zipfile.ZipFile(local.build.path) as archive:
            archive.extractall(code)
        provided = _provide(Path(folder, "provided"))
        _run(_command(local, python, [code, provided, answer]), process_environment(local), event, local)
        outcome = json.loads(answer.read_text("utf-8")) if answer.is_file() else {"error": {}}
    if "error" in outcome:
        raise InvokeError(failure(local.name, outcome["error"] or "the process ended without an answer"))
    return outcome["answer"]


def _command(local: LocalCall, python: str, paths: Sequence[Path]) -> list[str]:
    code, provided, answer = map(str, paths)
    dotted = handler(local.spec, local.build, local.environment)
    about = [local.name, f"local:{local.name}", str(local.spec.memory_mb), str(local.spec.timeout_seconds)]
    return [python, "-I", "-S", "-c", _BOOTSTRAP, code, provided, dotted, answer, *about]


def _provide(folder: Path) -> Path:
    folder.mkdir()
    for name in _PROVIDED:
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.origin is not None:
            origin = Path(spec.origin)
            source = origin.parent if origin.name == "__init__.py" else origin
            (folder / source.name).symlink_to(source)
    return folder


def _run(command: list[str], env: Mapping[str, str], event: Mapping[str, Any], local: LocalCall) -> None:
    limit = local.spec.timeout_seconds + _GRACE_SECONDS
    try:
        subprocess.run(
            command,
            input=json.dumps(event).encode(),
            env=dict(env),
            stdout=sys.stderr.fileno(),
            timeout=limit,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise InvokeError(f"{local.name} did not end within {limit} seconds") from error


def process_environment(local: LocalCall) -> dict[str, str]:
    """Variables of the process: what the deployer would set, and what Lambda itself sets."""
    passed = {name: os.environ[name] for name in (*_PASSED, *_PASSED_SYSTEM) if name in os.environ}
    return {
        **passed,
        "AWS_REGION": local.environment.region,
        "AWS_DEFAULT_REGION": local.environment.region,
        "AWS_LAMBDA_FUNCTION_NAME": local.name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(local.spec.memory_mb),
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "PYTHONDONTWRITEBYTECODE": "1",
        **variables(local.spec, local.environment),
    }


def find_python(runtime: str) -> str:
    """An interpreter of the runtime: compiled parts in a zip work with one version only."""
    if runtime == f"python{sys.version_info.major}.{sys.version_info.minor}":
        return sys.executable
    found = shutil.which(runtime)
    if found is None or not _runs(found):
        where = f"does not start ({found})" if found else "is not on PATH"
        raise InvokeError(
            f"this environment runs on {runtime}, which {where}; install it or invoke without --local"
        )
    return found


def _runs(python: str) -> bool:
    """False for the shim of a version manager whose version is not installed or not selected."""
    return subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode == 0
