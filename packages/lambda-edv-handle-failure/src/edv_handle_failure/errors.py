"""What this Lambda raises."""


class HandleFailureError(Exception):
    """Base of every error of this package."""


class BadEvent(HandleFailureError):  # noqa: N818 - the state machine catches it by this name
    """The event does not have the agreed shape; the message names the field and what came."""


class NotSentError(HandleFailureError):
    """The notification could not be sent; the message says why."""
