"""The errors of the generator."""

from local_aws.errors import LocalAwsError


class SourceError(LocalAwsError):
    """The source cannot be generated or written; the message names the input and its problem."""


class ControlTotalsError(SourceError):
    """The file of control totals has bad lines; the message lists them."""
