"""Retry rules. The state machine is the only layer of the product that retries AWS calls."""

from __future__ import annotations

from typing import Any

Retrier = dict[str, Any]

# Errors of the Lambda service, not of the function (Step Functions guide, "Handle transient Lambda service exceptions").
LAMBDA_SERVICE = (
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
)
GLUE_BUSY = ("Glue.ConcurrentRunsExceededException", "Glue.ResourceNumberLimitExceededException")
# Step Functions reports a throttled Glue call under the first or the second name, depending on the kind of call.
GLUE_SERVICE = (
    "Glue.ThrottlingException",
    "Glue.AWSGlueException",
    "Glue.InternalServiceException",
    "Glue.OperationTimeoutException",
    "Glue.SdkClientException",
)


def retrier(*errors: str, attempts: int, interval: int, cap: int) -> Retrier:
    """Retry after a random time of 0..interval, 0..2*interval, ... seconds, never more than `cap`."""
    return {
        "ErrorEquals": list(errors),
        "IntervalSeconds": interval,
        "BackoffRate": 2,
        "MaxAttempts": attempts,
        "MaxDelaySeconds": cap,
        "JitterStrategy": "FULL",
    }


def lambda_retries(*, also_timeout: bool = False) -> list[Retrier]:
    """Retries of a function. `also_timeout`: retry a timeout too, for a function that changes nothing."""
    timeout = [retrier("States.Timeout", attempts=1, interval=1, cap=5)] if also_timeout else []
    return [retrier(*LAMBDA_SERVICE, attempts=5, interval=2, cap=30), *timeout]


def glue_retries() -> list[Retrier]:
    """Retries of starting a job run. A run that failed or timed out is not repeated: its table failed."""
    return [
        retrier(*GLUE_BUSY, attempts=10, interval=5, cap=60),
        retrier(*GLUE_SERVICE, attempts=5, interval=3, cap=60),
    ]
