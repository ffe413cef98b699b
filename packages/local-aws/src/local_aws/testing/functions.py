import base64
import io
import json
import sys
import zipfile
from dataclasses import dataclass
from typing import Any

from local_aws.processes.interpreters import InterpreterError, interpreter
from local_aws.server import LocalAws

RUNTIME = f"python{sys.version_info.major}.{sys.version_info.minor}"
ROLE = "arn:aws:iam::111122223333:role/lambda"


def archive(files: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as members:
        for name, content in files.items():
            members.writestr(name, content)
    return buffer.getvalue()


@dataclass
class Answer:
    """An invocation as the caller sees it."""

    status: int
    error: str | None
    payload: Any
    log: str


@dataclass
class Functions:
    """Short words for what the tests do with the Lambda API."""

    aws: LocalAws

    def __post_init__(self) -> None:
        self.api = self.aws.client("lambda", config=_no_retries())
        self.logs = self.aws.client("logs")

    def create(self, name: str, source: str, **settings: Any) -> str:
        files = settings.pop("files", {})
        zipped = archive({"handler.py": source, **files})
        defaults = {
            "Runtime": RUNTIME,
            "Role": ROLE,
            "Handler": "handler.handler",
            "MemorySize": 256,
            "Timeout": 20,
        }
        self.api.create_function(FunctionName=name, Code={"ZipFile": zipped}, **{**defaults, **settings})
        return name

    def invoke(self, name: str, event: Any = None, **options: Any) -> Answer:
        payload = options.pop("payload", json.dumps(event).encode())
        answer = self.api.invoke(FunctionName=name, Payload=payload, **{"LogType": "Tail", **options})
        body = answer["Payload"].read()
        return Answer(
            answer["StatusCode"],
            answer.get("FunctionError"),
            json.loads(body) if body else None,
            base64.b64decode(answer.get("LogResult", "")).decode(),
        )


def _no_retries() -> Any:
    from botocore.config import Config

    return Config(retries={"total_max_attempts": 1}, max_pool_connections=20)


def has_python(version: str) -> bool:
    """Whether this machine can run that version at all."""
    try:
        return bool(interpreter(version))
    except InterpreterError:
        return False
