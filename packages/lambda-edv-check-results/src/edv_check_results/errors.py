"""What this Lambda raises."""


class CheckResultsError(Exception):
    """Base of every error of this package."""


class BadEvent(CheckResultsError):  # noqa: N818 - the state machine catches it by this name
    """The event does not have the agreed shape; the message names the field and what came."""
