import json
import re
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.testing.functions import RUNTIME, Functions, archive, has_python

ECHO = "def handler(event, context):\n    return {'got': event}\n"


def test_handler_of_the_zip_runs(functions: Functions) -> None:
    functions.create("echo", ECHO)
    answer = functions.invoke("echo", {"a": ["é", 1, None]})
    assert (answer.status, answer.error, answer.payload) == (200, None, {"got": {"a": ["é", 1, None]}})


def test_handler_in_a_package_and_without_payload(functions: Functions) -> None:
    functions.create("packaged", "", files={"a/__init__.py": "", "a/b.py": ECHO}, Handler="a.b.handler")
    assert functions.invoke("packaged", payload=b"").payload == {"got": {}}


def test_environment_is_the_functions_own(functions: Functions, monkeypatch: pytest.MonkeyPatch) -> None:
    source = "import os\ndef handler(event, context):\n    return [dict(os.environ), os.getcwd(), __file__]\n"
    functions.create("environment", source, Environment={"Variables": {"DB_SECRET_NAME": "x/y", "TZ": "UTC"}})
    env, folder, file = functions.invoke("environment").payload
    assert env["DB_SECRET_NAME"] == "x/y"
    assert env["AWS_LAMBDA_FUNCTION_NAME"] == "environment"
    assert env["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "256"
    assert env["AWS_ENDPOINT_URL"] == functions.aws.endpoint_url
    assert env["AWS_EXECUTION_ENV"] == f"AWS_Lambda_{RUNTIME}"
    assert env["LAMBDA_TASK_ROOT"] == folder
    assert file == f"{folder}/handler.py"
    assert not {"PYTEST_CURRENT_TEST", "PYTHONPATH", "LOCAL_PYTHON", "VIRTUAL_ENV", "HOME"} & env.keys()


def test_only_the_zip_and_the_sdk_are_importable(functions: Functions) -> None:
    source = (
        "import importlib.util\n"
        "def handler(event, context):\n"
        "    return {name: bool(importlib.util.find_spec(name)) for name in event}\n"
    )
    functions.create("isolated", source, files={"inside.py": ""})
    found = functions.invoke("isolated", ["inside", "boto3", "botocore", "moto", "psycopg", "pytest"]).payload
    assert found == {
        "inside": True, "boto3": True, "botocore": True, "moto": False, "psycopg": False, "pytest": False
    }  # fmt: skip


def test_function_acts_as_its_role(functions: Functions) -> None:
    source = "import boto3\ndef handler(event, context):\n    return boto3.client('sts').get_caller_identity()['Arn']\n"
    functions.create("identity", source)
    assert ":assumed-role/lambda/identity" in functions.invoke("identity").payload


def test_context_tells_what_aws_tells(functions: Functions) -> None:
    source = (
        "def handler(event, context):\n"
        "    return [context.function_name, context.function_version, context.memory_limit_in_mb,\n"
        "            context.invoked_function_arn, context.get_remaining_time_in_millis(), context.aws_request_id]\n"
    )
    functions.create("context", source, Timeout=9)
    name, version, memory, arn, left, request_id = functions.invoke("context").payload
    assert (name, version, memory) == ("context", "$LATEST", "256")
    assert arn == "arn:aws:lambda:us-east-1:111122223333:function:context"
    assert 0 < left <= 9000
    assert re.fullmatch(r"[0-9a-f-]{36}", request_id)


def test_raised_error_has_the_shape_of_aws(functions: Functions) -> None:
    functions.create(
        "raises",
        "class BadEvent(Exception): pass\n\ndef handler(event, context):\n    raise BadEvent('no')\n",
    )
    answer = functions.invoke("raises")
    assert (answer.status, answer.error) == (200, "Unhandled")
    assert answer.payload["errorType"] == "BadEvent"
    assert answer.payload["errorMessage"] == "no"
    assert answer.payload["requestId"]
    assert len(answer.payload["stackTrace"]) == 1
    assert "in handler\n    raise BadEvent('no')" in answer.payload["stackTrace"][0]
    assert "[ERROR] BadEvent: no\nTraceback (most recent call last):" in answer.log


@pytest.mark.parametrize(
    ("source", "handler", "kind", "message"),
    [
        (
            "import nothing_here",
            "handler.handler",
            "Runtime.ImportModuleError",
            "No module named 'nothing_here'",
        ),
        (
            "def handler(:",
            "handler.handler",
            "Runtime.UserCodeSyntaxError",
            "Syntax error in module 'handler'",
        ),
        ("raise ValueError('at import')", "handler.handler", "ValueError", "at import"),
        (
            "x = 1",
            "handler.missing",
            "Runtime.HandlerNotFound",
            "Handler 'missing' missing on module 'handler'",
        ),
        ("x = 1", "handler", "Runtime.MalformedHandlerName", "Bad handler 'handler'"),
        (
            "def handler(e, c): return {1, 2}",
            "handler.handler",
            "Runtime.MarshalError",
            "Unable to marshal response",
        ),
        (
            "import sys\ndef handler(e, c): sys.exit(3)",
            "handler.handler",
            "Runtime.ExitError",
            "exit status 3",
        ),
        (
            "import os\ndef handler(e, c): os.kill(os.getpid(), 11)",
            "handler.handler",
            "Runtime.ExitError",
            "signal",
        ),
    ],
)
def test_broken_functions_report_what_is_wrong(
    functions: Functions, source: str, handler: str, kind: str, message: str
) -> None:
    name = functions.create(f"broken-{abs(hash((source, handler)))}", source, Handler=handler)
    for _ in range(2):
        answer = functions.invoke(name)
        assert answer.error == "Unhandled"
        assert answer.payload["errorType"] == kind
        assert message in answer.payload["errorMessage"]


def test_timeout_kills_the_handler_and_the_next_call_works(functions: Functions) -> None:
    body = "    print('begun')\n    time.sleep(event)\n    return 'ok'\n"
    source = "import time\ndef handler(event, context):\n" + body
    functions.create("sleeps", source, Timeout=1)
    began = time.monotonic()
    answer = functions.invoke("sleeps", 30)
    assert time.monotonic() - began < 10
    assert answer.error == "Unhandled"
    assert answer.payload["errorType"] == "Sandbox.Timedout"
    assert answer.payload["errorMessage"].endswith("Error: Task timed out after 1.00 seconds")
    assert "begun\n" in answer.log
    assert "Task timed out after 1.00 seconds" in answer.log
    assert "Status: timeout" in answer.log
    assert functions.invoke("sleeps", 0).payload == "ok"


def test_more_memory_than_configured_kills_the_handler(functions: Functions) -> None:
    body = "    x = b'x' * (300 * 1024 * 1024)\n    time.sleep(10)\n    return len(x)\n"
    source = "import time\ndef handler(event, context):\n" + body
    functions.create("greedy", source, MemorySize=128)
    answer = functions.invoke("greedy")
    assert answer.payload["errorType"] == "Runtime.OutOfMemory"
    assert "Runtime exited with error: signal: killed" in answer.payload["errorMessage"]
    assert "Status: error\tError Type: Runtime.OutOfMemory" in answer.log


def test_memory_that_was_given_back_before_anybody_looked_counts(functions: Functions) -> None:
    body = "    x = b'x' * (122 * 1024 * 1024)\n    del x\n    return 'ok'\n"
    functions.create("quick", f"def handler(event, context):\n{body}", MemorySize=128)
    assert functions.invoke("quick").payload["errorType"] == "Runtime.OutOfMemory"


def test_log_has_start_output_end_and_report_and_reaches_cloudwatch(functions: Functions) -> None:
    source = (
        "import logging, sys\n"
        "logging.getLogger().setLevel('INFO')\n"
        "def handler(event, context):\n"
        "    print('to stdout'); print('to stderr', file=sys.stderr); logging.info('logged')\n"
    )
    functions.create("logging", source)
    answer = functions.invoke("logging")
    first, *lines, end, report = answer.log.splitlines()
    request_id = first.split()[2]
    assert first == f"START RequestId: {request_id} Version: $LATEST"
    assert lines[:2] == ["to stdout", "to stderr"]
    assert lines[2].startswith("[INFO]\t")
    assert lines[2].endswith(f"\t{request_id}\tlogged")
    assert end == f"END RequestId: {request_id}"
    assert re.search(
        r"Duration: [\d.]+ ms\tBilled Duration: \d+ ms\tMemory Size: 256 MB\tMax Memory Used: \d+ MB", report
    )
    assert "Init Duration" in report
    assert "Init Duration" not in functions.invoke("logging").log
    events = functions.logs.filter_log_events(logGroupName="/aws/lambda/logging")["events"]
    assert [event["message"] for event in events][: len(lines) + 3] == answer.log.splitlines()


def test_worker_is_used_again_until_the_function_changes(functions: Functions) -> None:
    body = "    CALLS.append(1)\n    return [os.getpid(), len(CALLS)]\n"
    source = "import os\nCALLS = []\ndef handler(event, context):\n" + body
    functions.create("warm", source)
    (first, one), (second, two) = functions.invoke("warm").payload, functions.invoke("warm").payload
    assert (first, one, two) == (second, 1, 2)
    functions.api.update_function_configuration(FunctionName="warm", Environment={"Variables": {"A": "1"}})
    third, calls = functions.invoke("warm").payload
    assert (third != first, calls) == (True, 1)
    functions.api.update_function_code(FunctionName="warm", ZipFile=archive({"handler.py": ECHO}))
    assert functions.invoke("warm", 5).payload == {"got": 5}


def test_concurrent_invocations_run_side_by_side(functions: Functions) -> None:
    source = "import os, time\ndef handler(event, context):\n    time.sleep(0.5)\n    return os.getpid()\n"
    functions.create("parallel", source)
    with ThreadPoolExecutor(4) as threads:
        pids = list(threads.map(lambda _: functions.invoke("parallel").payload, range(4)))
    assert len(set(pids)) == 4


def test_reserved_concurrency_throttles(functions: Functions) -> None:
    functions.create("throttled", ECHO)
    functions.api.put_function_concurrency(FunctionName="throttled", ReservedConcurrentExecutions=0)
    with pytest.raises(ClientError, match=r"Rate Exceeded") as refused:
        functions.invoke("throttled")
    assert refused.value.response["Error"]["Code"] == "TooManyRequestsException"


def test_payload_of_six_megabytes_passes_and_a_larger_answer_is_an_error(functions: Functions) -> None:
    functions.create("large", "def handler(event, context):\n    return event['text'] * event['times']\n")
    text = "x" * 3_000_000
    assert len(functions.invoke("large", {"text": text, "times": 2}).payload) == 6_000_000
    answer = functions.invoke("large", {"text": text, "times": 3})
    assert (answer.error, answer.payload["errorType"]) == ("Unhandled", "Function.ResponseSizeTooLarge")


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b"not json", "InvalidRequestContentException"),
        (b'"' + b"x" * 6_300_000 + b'"', "RequestTooLargeException"),
    ],
)
def test_payloads_that_aws_refuses_are_refused(functions: Functions, payload: bytes, code: str) -> None:
    name = functions.create(f"refuses-{code}", ECHO)
    with pytest.raises(ClientError) as refused:
        functions.invoke(name, payload=payload)
    assert refused.value.response["Error"]["Code"] == code


def test_event_invocation_answers_at_once_and_runs(functions: Functions) -> None:
    functions.create("event", "def handler(event, context):\n    print('ran with', event)\n")
    assert functions.invoke("event", 7, InvocationType="Event", LogType="None").status == 202
    deadline = time.monotonic() + 20
    messages: list[str] = []
    while "ran with 7" not in messages and time.monotonic() < deadline:
        time.sleep(0.05)
        groups = functions.logs.describe_log_groups(logGroupNamePrefix="/aws/lambda/event")["logGroups"]
        if groups:
            events = functions.logs.filter_log_events(logGroupName="/aws/lambda/event")["events"]
            messages = [event["message"] for event in events]
    assert "ran with 7" in messages


def test_dry_run_runs_nothing(functions: Functions) -> None:
    functions.create("dry", "raise SystemExit(1)")
    assert functions.invoke("dry", InvocationType="DryRun", LogType="None").status == 204


def test_unknown_function_and_runtime_and_broken_zip_are_errors(functions: Functions) -> None:
    with pytest.raises(ClientError, match=r"Function not found"):
        functions.invoke("nobody")
    functions.create("javascript", ECHO, Runtime="nodejs22.x")
    with pytest.raises(
        ClientError, match=r"runtime nodejs22.x of javascript is not run here, only python3.x"
    ):
        functions.invoke("javascript")
    functions.create("old", ECHO, Runtime="python3.2")
    with pytest.raises(ClientError, match=r"wants python3.2, which is not on PATH"):
        functions.invoke("old")
    functions.api.create_function(
        FunctionName="notzip", Runtime=RUNTIME, Role="arn:aws:iam::111122223333:role/lambda", Handler="h.h",
        Code={"ZipFile": b"no zip"},
    )  # fmt: skip
    with pytest.raises(ClientError) as refused:
        functions.invoke("notzip")
    assert refused.value.response["Error"]["Code"] == "InvalidZipFileException"


@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13"])
def test_runtime_is_the_named_python_or_the_call_says_that_it_is_missing(
    functions: Functions, version: str
) -> None:
    source = "import boto3, sys\ndef handler(event, context):\n    return '%d.%d' % sys.version_info[:2]\n"
    name = functions.create(f"python-{version.replace('.', '-')}", source, Runtime=f"python{version}")
    if has_python(version):
        assert functions.invoke(name).payload == version
    else:
        with pytest.raises(ClientError, match=rf"wants python{version}, which is not on PATH"):
            functions.invoke(name)


def test_version_runs_the_code_that_was_published(functions: Functions) -> None:
    functions.create(
        "versioned", "def handler(event, context):\n    return ['one', context.function_version]\n"
    )
    version = functions.api.publish_version(FunctionName="versioned")["Version"]
    functions.api.update_function_code(
        FunctionName="versioned",
        ZipFile=archive({"handler.py": "def handler(e, c):\n    return ['two', c.function_version]"}),
    )
    arn = f"arn:aws:lambda:us-east-1:111122223333:function:versioned:{version}"
    assert functions.invoke("versioned").payload == ["two", "$LATEST"]
    assert functions.invoke("versioned", Qualifier=version).payload == ["one", version]
    assert functions.invoke(arn).payload == ["one", version]


def test_layer_is_importable(functions: Functions) -> None:
    layer = functions.api.publish_layer_version(
        LayerName="shared", Content={"ZipFile": archive({"python/in_layer.py": "VALUE = 5"})}
    )["LayerVersionArn"]
    functions.create(
        "layered", "import in_layer\ndef handler(e, c):\n    return in_layer.VALUE\n", Layers=[layer]
    )
    assert functions.invoke("layered").payload == 5


def test_configuration_that_moto_drops_is_kept(functions: Functions) -> None:
    functions.create(
        "configured", ECHO, LoggingConfig={"LogFormat": "JSON"}, Environment={"Variables": {"A": "1"}}
    )
    updates: dict[str, Any] = {
        "TracingConfig": {"Mode": "Active"},
        "Environment": {},
        "EphemeralStorage": {"Size": 1024},
    }
    functions.api.update_function_configuration(FunctionName="configured", **updates)
    shown = functions.api.get_function_configuration(FunctionName="configured")
    assert shown["TracingConfig"] == {"Mode": "Active"}
    assert shown["EphemeralStorage"] == {"Size": 1024}
    assert shown["LoggingConfig"] == {"LogFormat": "JSON", "LogGroup": "/aws/lambda/configured"}
    assert "Environment" not in shown
    assert json.loads(json.dumps(shown["Timeout"])) == 20
