"""What the generator raises on purpose."""

from local_aws.errors import LocalAwsError


class SourceError(LocalAwsError):
    """The source cannot be generated or written; the message says what is wrong with which input."""


class ControlTotalsError(SourceError):
    """The file of control totals has bad lines; the message lists them."""
