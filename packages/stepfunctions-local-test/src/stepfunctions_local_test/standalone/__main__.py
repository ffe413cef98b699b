"""`python -m stepfunctions_local_test.standalone`: serve the Step Functions API until SIGTERM."""

import logging
import os
import signal
import sys
import threading

from stepfunctions_local_test.standalone import account  # isort: skip - before anything of moto

from moto.moto_server.werkzeug_app import create_backend_app

from stepfunctions_local_test.engines.interpreter import install_interpreter
from stepfunctions_local_test.engines.mock_config import MockConfig
from stepfunctions_local_test.errors import LocalAwsError
from stepfunctions_local_test.patches import (
    patching,
    sfn_clock,
    sfn_glue_remote,
    sfn_mocks,
    sfn_remote,
)
from stepfunctions_local_test.server.http import Endpoint
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
    os._exit(0)  # what is left are daemon threads of executions nobody waits for


def start(settings: Settings) -> Endpoint:
    """The endpoint, bound but not yet serving, over an interpreter that calls as the settings say."""
    patching.check_version()
    if settings.mock_config:
        MockConfig.read(settings.mock_config)
    install_interpreter(None)
    sfn_remote.install(settings.endpoints)
    sfn_glue_remote.install()
    sfn_mocks.install(settings.mock_config)
    sfn_clock.install_scaled(settings.wait_time_scale)
    application = refusing_unknown(create_backend_app("stepfunctions"))
    return Endpoint(logged(application, say), settings.port, host=settings.bind)


def say(line: str) -> None:
    """A line of the log."""
    print(line, flush=True)  # noqa: T201 - a container's log is its standard output


if __name__ == "__main__":
    main()
