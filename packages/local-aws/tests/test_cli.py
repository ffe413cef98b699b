import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import boto3
import psycopg
import pytest

from local_aws.serving import exports


def descendants(pid: int) -> set[int]:
    found: set[int] = set()
    waiting = [pid]
    while waiting:
        children = f"/proc/{waiting.pop()}/task"
        for task in Path(children).glob("*/children"):
            pids = [int(child) for child in task.read_text().split()]
            found.update(pids)
            waiting.extend(pids)
    return found


def alive(pids: set[int]) -> set[int]:
    return {pid for pid in pids if Path(f"/proc/{pid}").exists()}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_serve_prints_a_working_environment_and_leaves_no_process(number: signal.Signals) -> None:
    command = [sys.executable, "-m", "local_aws", "serve", "--json", "--database", "works"]
    serving = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert serving.stdout is not None
    env = json.loads(serving.stdout.readline())
    s3 = boto3.client(
        "s3",
        endpoint_url=env["AWS_ENDPOINT_URL"],
        region_name=env["AWS_REGION"],
        aws_access_key_id=env["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=env["AWS_SECRET_ACCESS_KEY"],
    )
    s3.create_bucket(Bucket="one-bucket")
    with psycopg.connect(
        host=env["PGHOST"],
        port=env["PGPORT"],
        user=env["PGUSER"],
        password=env["PGPASSWORD"],
        dbname=env["PGDATABASE"],
    ) as connection:
        assert connection.execute("select current_database()").fetchone() == ("works",)
    started = descendants(serving.pid)
    assert started
    serving.send_signal(number)
    code = serving.wait(timeout=20)
    serving.stdout.close()
    assert code == (-signal.SIGKILL if number == signal.SIGKILL else 0)
    deadline = time.monotonic() + 10
    while alive(started) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert alive(started) == set()


def test_taken_port_is_an_error_message_and_exit_1() -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "local_aws", "serve", "--no-postgres", "--port", port]
        run = subprocess.run(
            command, capture_output=True, text=True, timeout=60, check=False, env=dict(os.environ)
        )
    assert run.returncode == 1
    assert "error: the local AWS did not start" in run.stderr
    assert port in run.stderr


def test_exports_are_quoted_for_the_shell() -> None:
    assert exports({"A": "1", "B": "it's"}) == "export A=1\nexport B='it'\"'\"'s'"
