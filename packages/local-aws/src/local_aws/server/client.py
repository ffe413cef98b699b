"""`LocalAws`: the local AWS as a process of its own, for tests and for `serve`."""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from local_aws.errors import LocalAwsError
from local_aws.processes.cache import bytecode_settings
from local_aws.sdk import make_client

REGION = "us-east-1"
STOP_SECONDS = 10


class LocalAws:
    """A local AWS endpoint in its own process, as a context manager.

    The process, and everything it started, ends with this one, also when this one is killed.
    `seconds_per_minute` shortens the `Timeout` of Glue jobs, which is given in minutes, for tests.
    With `enforce` (the default) roles and users may do what their policies allow, and unknown access keys nothing;
    the credentials of `env` may always do everything.

    With `virtual_time` waits, retries and time limits of state machines cost no real time, and the timestamps of their
    executions and events are simulated. `mock_config` is a file in the form of Step Functions Local's SFN_MOCK_CONFIG:
    an execution started at `{machine ARN}#{test case}` gets its tasks' answers from it.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        engine: str = "embedded",
        seconds_per_minute: float = 60.0,
        enforce: bool = True,
        virtual_time: bool = False,
        mock_config: Path | None = None,
    ) -> None:
        self._options = ["--port", str(port), "--engine", engine]
        self._options += ["--seconds-per-minute", str(seconds_per_minute)]
        self._options += ["--enforce-iam" if enforce else "--no-enforce-iam"]
        self._options += ["--virtual-time"] if virtual_time else []
        self._options += ["--mock-config", str(mock_config)] if mock_config else []
        self._process: subprocess.Popen[str] | None = None
        self._port = 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """The process id of the endpoint, whose processor time and memory are not this process's."""
        if self._process is None:
            raise LocalAwsError("the local AWS is not started; use it as a context manager or call start()")
        return self._process.pid

    @property
    def endpoint_url(self) -> str:
        """The value of AWS_ENDPOINT_URL."""
        if self._process is None:
            raise LocalAwsError("the local AWS is not started; use it as a context manager or call start()")
        return f"http://127.0.0.1:{self._port}"

    @property
    def env(self) -> Mapping[str, str]:
        """The environment variables with which boto3 and the AWS CLI use this endpoint."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
        }

    def client(self, name: str, **options: Any) -> Any:
        """A boto3 client of one service of this endpoint."""
        settings = {
            "endpoint_url": self.endpoint_url,
            "region_name": REGION,
            "aws_access_key_id": "local",
            "aws_secret_access_key": "local",
        }
        return make_client(name, **{**settings, **options})

    def fire_schedule(self, name: str, at: datetime, *, group: str = "default") -> Mapping[str, str]:
        """Invoke the target of a schedule once, as EventBridge Scheduler does at that time.

        The answer is `{"ExecutionArn"}`, or `{"Error", "Message"}` of an invocation that failed (and went to the
        dead-letter queue), or `{"NotInvoked"}` with the reason why Scheduler would not have fired.
        """
        return fire_schedule(self.endpoint_url, name, at, group=group)

    def start(self) -> None:
        """Start the process and wait until it answers."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "local_aws.server.program", *self._options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **bytecode_settings()},
            start_new_session=True,
        )
        line = self._process.stdout.readline() if self._process.stdout else ""
        if not line:
            code = self._process.wait()
            self._process = None
            raise LocalAwsError(f"the local AWS did not start (exit {code}); its message is above")
        self._port = json.loads(line)["port"]

    def stop(self) -> None:
        """Stop the process and everything it started."""
        process, self._process = self._process, None
        if process is None or process.stdin is None or process.stdout is None:
            return
        process.stdin.close()
        try:
            process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


def fire_schedule(endpoint_url: str, name: str, at: datetime, *, group: str = "default") -> Mapping[str, str]:
    """`LocalAws.fire_schedule` for an endpoint that another process started."""
    body = json.dumps({"Name": name, "GroupName": group, "ScheduledTime": at.isoformat()}).encode()
    request = urllib.request.Request(f"{endpoint_url}/moto-api/scheduler/fire", body)  # noqa: S310 - ours
    try:
        with urllib.request.urlopen(request) as answer:  # noqa: S310 - ours
            found: Mapping[str, str] = json.load(answer)
    except urllib.error.HTTPError as error:
        raise LocalAwsError(f"schedule {group}/{name}: {error.read().decode()}") from error
    return found
