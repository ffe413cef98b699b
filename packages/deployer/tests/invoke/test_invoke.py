"""Invoking a function deployed and here gives the same answers and the same errors."""

import json
from pathlib import Path
from typing import Any

import pytest
from support.build_output import RUNTIME, write_lambda
from support.environments import environment
from support.sandbox import Sandbox

from deployer.blueprint.specs import CHECK_RESULTS, find_spec
from deployer.build_output.reading import load_lambda
from deployer.errors import InvokeError
from deployer.invoke.deployed import call
from deployer.invoke.local import LocalCall, call_locally, find_python

PACKAGE = "lambda-edv-check-results"
ECHO = """
import os, sys


class BadEvent(Exception):
    pass


def handler(event, context):
    print("a log line")
    if "status" not in event:
        raise BadEvent("event['status'] is missing")
    if event["status"] == "import":
        import pydantic
    if event["status"] == "boto3":
        import boto3

        client = boto3.client("s3")
        return client.meta.region_name
    if event["status"] == "exit":
        os._exit(3)
    return {
        "event": event,
        "variables": {name: os.environ[name] for name in ("CARS_ENV", "DB_SECRET_NAME", "EXTRA")},
        "function": context.function_name,
        "time": 0 < context.get_remaining_time_in_millis() <= 60_000,
    }
"""


def _local(sandbox: Sandbox) -> LocalCall:
    build = load_lambda(sandbox.build_dir / "lambda" / RUNTIME / f"{PACKAGE}.zip")
    return LocalCall(CHECK_RESULTS, build, environment(deployEnv=sandbox.deploy_env))


def _outcome(ask: Any, event: dict[str, Any]) -> Any:
    try:
        return ask(event)
    except InvokeError as error:
        return str(error)


def test_local_and_remote_invocation_agree(sandbox: Sandbox) -> None:
    write_lambda(sandbox.build_dir, PACKAGE, ECHO)
    sandbox.deploy()
    local, name = _local(sandbox), sandbox.name("edv-check-results")
    events = {
        "answer": {"status": "ok", "text": "é"},
        "failure": {},
        "undeclared": {"status": "import"},
        "boto3": {"status": "boto3"},
    }
    here = {key: _outcome(lambda event: call_locally(local, event), event) for key, event in events.items()}
    there = {
        key: _outcome(lambda e: call(sandbox.clients.functions, name, e), e) for key, e in events.items()
    }
    assert here == there
    assert here["answer"]["variables"] == {
        "CARS_ENV": "cert",
        "DB_SECRET_NAME": "fsa-cert/cars/postgres",
        "EXTRA": "1",
    }
    assert here["answer"]["function"] == name
    assert here["failure"] == f"{name} failed: BadEvent: event['status'] is missing"
    assert "No module named 'pydantic'" in here["undeclared"]
    assert here["boto3"] == "us-east-1"


def test_process_that_dies_without_an_answer_is_an_error(sandbox: Sandbox) -> None:
    write_lambda(sandbox.build_dir, PACKAGE, ECHO)
    with pytest.raises(InvokeError, match="failed: Error: the process ended without an answer"):
        call_locally(_local(sandbox), {"status": "exit"})


def test_variables_of_the_caller_do_not_leak_in(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEAK", "1")
    write_lambda(
        sandbox.build_dir,
        PACKAGE,
        "import os\n\n\ndef handler(event, context):\n    return 'LEAK' in os.environ\n",
    )
    assert call_locally(_local(sandbox), {}) is False


def test_function_that_is_not_deployed_is_named(sandbox: Sandbox) -> None:
    with pytest.raises(InvokeError, match=r"FSA-X-nope cannot be invoked: .*; has it been deployed\?"):
        call(sandbox.clients.functions, "FSA-X-nope", {})


@pytest.mark.parametrize(
    "name", ["edv-check-results", "FSA-CERT-edv-check-results", PACKAGE, "EDV-Check-Results"]
)
def test_function_is_found_by_any_of_its_names(name: str) -> None:
    assert find_spec(name, "FSA-CERT") is CHECK_RESULTS
    assert find_spec("edv-check", "FSA-CERT") is None


def test_missing_interpreter_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    other = "python3.12" if RUNTIME != "python3.12" else "python3.13"
    with pytest.raises(InvokeError, match=f"this environment runs on {other}, which is not on PATH"):
        find_python(other)
    (tmp_path / other).write_text("#!/bin/sh\nexit 127\n")
    (tmp_path / other).chmod(0o755)
    with pytest.raises(InvokeError, match=rf"{other}, which does not start \({tmp_path}/{other}\)"):
        find_python(other)


def test_event_travels_as_json(sandbox: Sandbox) -> None:
    write_lambda(sandbox.build_dir, PACKAGE, "def handler(event, context):\n    return event\n")
    event = {"numbers": [1, 2.5, None], "text": "ümlaut"}
    assert json.dumps(call_locally(_local(sandbox), event)) == json.dumps(event)
