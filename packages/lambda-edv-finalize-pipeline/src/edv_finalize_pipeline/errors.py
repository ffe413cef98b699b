"""What this Lambda raises."""


class FinalizeError(Exception):
    """Base of every error of this package."""


class BadEvent(FinalizeError):  # noqa: N818 - the state machine catches it by this name
    """The event does not have the agreed shape; the message names the field and what came."""
