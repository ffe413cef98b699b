"""The errors of this Lambda."""


class HandleFailureError(Exception):
    """Base class of this package's errors."""


class BadEvent(HandleFailureError):  # noqa: N818 - the state machine catches it by this name
    """The event breaks its contract; the message names the field and the value."""


class NotSentError(HandleFailureError):
    """The notification could not be sent; the message gives the reason."""
