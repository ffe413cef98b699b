"""The errors of this Lambda; callers distinguish the classes by name."""

# ruff: noqa: N818 - an operator reads these names, so they name the problem without the suffix Error


class UploadConfigError(Exception):
    """Base class of this function's errors."""


class BadEvent(UploadConfigError):
    """The event or the environment breaks its contract; a repetition fails too."""


class ArchiveRefused(UploadConfigError):
    """The archive is unsound or over a limit; nothing was written."""


class ArchiveChanged(UploadConfigError):
    """The archive was replaced or deleted during the run; repeat the run."""


class S3Failed(UploadConfigError):
    """A call to S3 failed; the message names the call, the object and the code of S3."""


class OutOfTime(UploadConfigError):
    """The function's time is nearly over; the run was stopped in time to clean up."""
