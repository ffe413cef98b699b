"""What can go wrong here; Step Functions sees the class names as error names."""


class PlanError(Exception):
    """Base of this package's errors, and raised itself when S3 does not answer."""


# The names say what is wrong with what; they are what an operator reads in the execution (hence noqa).
class BadEvent(PlanError):  # noqa: N818
    """The event, or the function's environment, is not what the contract says."""


class BadRelease(PlanError):  # noqa: N818
    """The config release is missing, or its metadata is wrong: every problem found is named."""


class EmptyPlan(PlanError):  # noqa: N818
    """The release lists no table, and the event does not allow that."""
