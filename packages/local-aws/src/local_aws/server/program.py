"""The process behind `LocalAws`: serves until its standard input ends or it is told to stop.

Prints one line of JSON, `{"port": ...}`, when the endpoint answers.
"""

# ruff: noqa: E402 - the collector stops before the imports
import gc

gc.disable()  # the imports make half a million objects that stay; looking through them is a fifth of the start

import argparse
import json
import logging
import os
import signal
import sys
import threading
from pathlib import Path

from local_aws.emulator import settings  # isort: skip - before anything of moto

from local_aws.access.guard import Guard
from local_aws.access.identities import Identities
from local_aws.access.record import Record
from local_aws.engines import choose
from local_aws.errors import LocalAwsError
from local_aws.server.http import Endpoint, guarded
from local_aws.server.runtimes import Runtimes


def main() -> None:
    logging.getLogger("moto").setLevel(logging.CRITICAL)  # it dumps syntax trees for every failed task
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--seconds-per-minute", type=float, default=60.0)
    parser.add_argument("--engine", default="embedded")
    parser.add_argument("--virtual-time", action="store_true")
    parser.add_argument("--mock-config", type=Path)
    parser.add_argument("--enforce-iam", action=argparse.BooleanOptionalAction, default=True)
    options = parser.parse_args()
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    threading.Thread(target=_watch_input, args=(stopped,), daemon=True).start()
    try:
        engine = choose(options.engine, virtual_time=options.virtual_time, mock_config=options.mock_config)
        guard = Guard(Identities(), Record(), enforced=options.enforce_iam)
        endpoint = Endpoint(guarded(guard), options.port)
        os.environ["MOTO_PORT"] = str(endpoint.port)
        runtimes = Runtimes(endpoint.url, guard, engine=engine, seconds_per_minute=options.seconds_per_minute)
    except LocalAwsError as error:
        sys.exit(f"error: {error}")
    gc.freeze()  # later collections pass over what the start has made
    gc.enable()
    with runtimes, endpoint:
        print(json.dumps({"port": endpoint.port, "account": settings.ACCOUNT}), flush=True)  # noqa: T201
        stopped.wait()
    os._exit(0)  # what is left are daemon threads of executions nobody waits for


def _watch_input(stopped: threading.Event) -> None:
    # a buffered read would hold a lock that the interpreter needs to end
    while os.read(sys.stdin.fileno(), 4096):
        pass
    stopped.set()


if __name__ == "__main__":
    main()
