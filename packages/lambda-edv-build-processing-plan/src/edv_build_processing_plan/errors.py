"""The errors of this Lambda; Step Functions uses the class names as error names."""


class PlanError(Exception):
    """Base class of this package's errors; raised itself when S3 fails."""


# An operator reads these names in the execution, so they name the problem without the suffix Error (hence noqa).
class BadEvent(PlanError):  # noqa: N818
    """The event or the function's environment breaks its contract."""


class BadRelease(PlanError):  # noqa: N818
    """The config release is missing or its metadata is wrong; the message lists every problem."""


class BadSchema(PlanError):  # noqa: N818
    """The target schema is missing or wrong."""


class EmptyPlan(PlanError):  # noqa: N818
    """The release or the target schema lists no table, and the event does not allow an empty plan."""
