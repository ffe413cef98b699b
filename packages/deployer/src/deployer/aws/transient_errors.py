"""Errors of AWS that are no verdict: what each means, and so whether waiting or looking again helps; one table."""

from collections.abc import Mapping
from enum import Enum

from botocore.exceptions import ClientError

from deployer.aws.adapter import code_of, message_of


class TransientError(Enum):
    """Why a call may succeed when it is made again."""

    THROTTLED = "throttled"
    BUSY = "another update is in progress"
    UNSEEN = "a new role is not seen everywhere yet"
    EXISTS = "it exists already"


# Each row: what an error means, its codes, and a part of its message in lower case ("" where the code says it all).
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
    # SQS keeps a deleted queue's name back for 60 seconds.
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
    # Glue: a job of this name with other content; a create that was tried again finds itself.
    (TransientError.EXISTS, frozenset({"IdempotentParameterMismatchException"}), ""),
    # IAM tells other services about a new role or policy within a minute.
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

# Seconds between two attempts and how many there are: throttling and updates double the pause, a role takes a minute.
PAUSES: Mapping[TransientError, tuple[float, ...]] = {
    TransientError.THROTTLED: (0.5, 1, 2, 4, 8, 16, 20, 20),
    TransientError.BUSY: (0.5, 1, 2, 4, 8, 16, 20, 20),
    TransientError.UNSEEN: (3.0,) * 20,
    TransientError.EXISTS: (0.0, 0.5),
}


def transient_error_of(error: Exception) -> TransientError | None:
    """What an error means, None for a verdict."""
    if not isinstance(error, ClientError):
        return None
    code, message = code_of(error), message_of(error).lower()
    for reason, codes, part in _ROWS:
        if code in codes and part in message:
            return reason
    return None
