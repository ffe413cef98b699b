"""Transient errors of AWS: the reason behind each code, and the pauses before a retry."""

from collections.abc import Mapping
from enum import Enum

from botocore.exceptions import ClientError

from deployer.aws.adapter import code_of, message_of


class TransientError(Enum):
    """Why a retry may succeed."""

    THROTTLED = "throttled"
    BUSY = "another update is in progress"
    UNSEEN = "a new role is not seen everywhere yet"
    EXISTS = "it exists already"


# Each row: the reason, the error codes, and a part of the message in lower case ("" where the code is enough).
_ROWS: tuple[tuple[TransientError, frozenset[str], str], ...] = (
    (
        TransientError.THROTTLED,
        frozenset(
            {
                "Throttling",
                "ThrottlingException",
                "ThrottledException",
                "TooManyRequestsException",
                "RequestLimitExceeded",
                "RequestThrottled",
                "SlowDown",
            }
        ),
        "",
    ),
    # Lambda: an update, a publication or the start of a function is under way (API reference, 409).
    (TransientError.BUSY, frozenset({"ResourceConflictException"}), "in progress"),
    (TransientError.BUSY, frozenset({"ResourceConflictException"}), "pending"),
    (TransientError.BUSY, frozenset({"ResourceConflictException"}), "concurrent"),
    # IAM, Glue, CloudWatch Logs, Step Functions, S3, in this order.
    (TransientError.BUSY, frozenset({"ConcurrentModification", "ConcurrentModificationException"}), ""),
    (TransientError.BUSY, frozenset({"OperationAbortedException", "StateMachineDeleting"}), ""),
    (TransientError.BUSY, frozenset({"ConflictException"}), "in progress"),
    (TransientError.BUSY, frozenset({"ConditionalRequestConflict", "OperationAborted"}), ""),
    # SQS reserves the name of a deleted queue for 60 seconds.
    (
        TransientError.BUSY,
        frozenset({"AWS.SimpleQueueService.QueueDeletedRecently", "QueueDeletedRecently"}),
        "",
    ),
    (
        TransientError.EXISTS,
        frozenset(
            {
                "AlreadyExistsException",
                "EntityAlreadyExists",
                "QueueAlreadyExists",
                "QueueNameExists",
                "ResourceAlreadyExistsException",
                "StateMachineAlreadyExists",
            }
        ),
        "",
    ),
    (TransientError.EXISTS, frozenset({"ResourceConflictException", "ConflictException"}), "exist"),
    # Glue: a job of this name with other content, for example after a retried create.
    (TransientError.EXISTS, frozenset({"IdempotentParameterMismatchException"}), ""),
    # A new role or policy is visible to other services within a minute.
    (TransientError.UNSEEN, frozenset({"InvalidParameterValueException"}), "cannot be assumed by lambda"),
    (
        TransientError.UNSEEN,
        frozenset({"InvalidParameterValueException"}),
        "does not have permissions to call",
    ),
    (TransientError.UNSEEN, frozenset({"InvalidInputException", "AccessDeniedException"}), "assume role"),
    (TransientError.UNSEEN, frozenset({"AccessDeniedException"}), "authorized to assume"),
    (
        TransientError.UNSEEN,
        frozenset({"AccessDeniedException", "InvalidLoggingConfiguration"}),
        "not authorized to access the log destination",
    ),
    (
        TransientError.UNSEEN,
        frozenset({"ValidationException"}),
        "must allow aws eventbridge scheduler to assume",
    ),
)

# Seconds before each retry: the pause doubles for throttling and updates; a role becomes visible within a minute.
PAUSES: Mapping[TransientError, tuple[float, ...]] = {
    TransientError.THROTTLED: (0.5, 1, 2, 4, 8, 16, 20, 20),
    TransientError.BUSY: (0.5, 1, 2, 4, 8, 16, 20, 20),
    TransientError.UNSEEN: (3.0,) * 20,
    TransientError.EXISTS: (0.0, 0.5),
}


def transient_error_of(error: Exception) -> TransientError | None:
    """The reason to retry, None for an error that is final."""
    if not isinstance(error, ClientError):
        return None
    code, message = code_of(error), message_of(error).lower()
    for reason, codes, part in _ROWS:
        if code in codes and part in message:
            return reason
    return None
