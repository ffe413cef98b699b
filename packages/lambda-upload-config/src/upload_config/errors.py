"""What can go wrong; the state machine and the deployer tell the classes apart by name."""

# ruff: noqa: N818 - named for what happened, as they appear in catchers


class UploadConfigError(Exception):
    """Base of everything this function raises on purpose."""


class BadEvent(UploadConfigError):
    """The event or the environment breaks its contract; repeating it cannot help."""


class ArchiveRefused(UploadConfigError):
    """The archive is unsound or over a limit; nothing was written."""


class ArchiveChanged(UploadConfigError):
    """The archive was replaced or deleted under the run; repeat it."""


class S3Failed(UploadConfigError):
    """S3 refused or broke a call; the message names the call, the object and S3's own code."""


class OutOfTime(UploadConfigError):
    """The function's time is nearly over; stopped early enough to clean up."""
