"""`python -m stepfunctions_local_test.standalone`: serve the Step Functions API until SIGTERM."""

import logging
import os
import signal
import sys
import threading

from stepfunctions_local_test.standalone import account  # isort: skip - before anything of moto

from moto.moto_server.werkzeug_app import create_backend_app

from local_aws.emulator import patching
from local_aws.errors import LocalAwsError
from local_aws.patches.stepfunctions import install_interpreter
from local_aws.server.http import Endpoint
from local_aws.simulation import mocked_tasks, waiting
from local_aws.simulation.mock_config import MockConfig
from stepfunctions_local_test.standalone import clients, glue_runs
from stepfunctions_local_test.standalone.requests import logged, refusing_unknown
from stepfunctions_local_test.standalone.settings import Settings


def main() -> None:
    logging.getLogger("moto").setLevel(logging.CRITICAL)  # it dumps syntax trees for every failed task
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    try:
        endpoint = start(Settings.read(os.environ))
    except LocalAwsError as error:
        sys.exit(f"error: {error}")
    with endpoint:
        say(f"serving Step Functions of account {account.ACCOUNT} at {endpoint.url}")
        stopped.wait()
    os._exit(0)  # only daemon threads of unfinished executions are left


def start(settings: Settings) -> Endpoint:
    """The endpoint, bound but not yet serving, over an interpreter that calls as the settings say."""
    patching.check_version()
    if settings.mock_config:
        MockConfig.read(settings.mock_config)
    install_interpreter(None)
    clients.install(settings.endpoints)
    glue_runs.install()
    mocked_tasks.install(settings.mock_config)
    waiting.install_scaled(settings.wait_time_scale)
    application = refusing_unknown(create_backend_app("stepfunctions"))
    return Endpoint(logged(application, say), settings.port, host=settings.bind)


def say(line: str) -> None:
    """A line of the log."""
    print(line, flush=True)  # noqa: T201 - a container's log is its standard output


if __name__ == "__main__":
    main()
