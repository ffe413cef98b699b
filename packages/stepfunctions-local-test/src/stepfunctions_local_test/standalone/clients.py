"""Clients of service tasks for the stand-alone engine: HTTP calls to the given endpoints."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import state_task_service_callback

from local_aws.emulator.patching import replace
from local_aws.patches.stepfunctions import client_factory
from local_aws.patches.stepfunctions.client_errors import client_error

LONGEST_CALL = 900  # seconds, the longest a Lambda function may run
POLL_SECONDS = 0.1


def install(endpoints: Mapping[str, str]) -> None:
    """Clients by service name (`lambda`, `glue`, `stepfunctions`) go to `endpoints`, others to AWS; credentials are
    those of the environment, whatever role the machine has.
    """

    @lru_cache(maxsize=64)
    def client(service: str, region: str) -> Any:
        return boto3.session.Session().client(
            service,  # type: ignore[call-overload]
            region_name=region,
            endpoint_url=endpoints.get(service),
            config=Config(
                parameter_validation=False,
                retries={"total_max_attempts": 1},
                max_pool_connections=100,
                read_timeout=LONGEST_CALL,
            ),
        )

    def client_for(region: str, service: str, state_credentials: Any = None) -> Any:
        return Caller(client(service, region))

    reason = "moto calls this very process, with credentials of its own"
    client_factory.install(client_for, reason=reason)
    poll = "_DELAY_SECONDS_SYNC_CONDITION_CHECK"
    reason = "half a second between looks at a child execution"
    replace(state_task_service_callback, poll, POLL_SECONDS, reason=reason)


class Caller:
    """A boto3 client that raises the error of Step Functions for an unreachable endpoint: `Lambda.SdkClientException`."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def __getattr__(self, operation: str) -> Any:
        call = getattr(self._client, operation)

        def calling(**parameters: Any) -> Any:
            try:
                return call(**parameters)
            except BotoCoreError as error:
                raise client_error("SdkClientException", str(error), 503, operation) from error

        return calling
