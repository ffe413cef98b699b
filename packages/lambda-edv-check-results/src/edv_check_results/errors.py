"""The errors of this Lambda."""


class CheckResultsError(Exception):
    """Base class of this package's errors."""


class BadEvent(CheckResultsError):  # noqa: N818 - the state machine catches it by this name
    """The event breaks its contract; the message names the field and the value."""
