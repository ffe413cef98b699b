"""What can go wrong; the state machine tells the classes apart by name."""

# ruff: noqa: N818 - named for what happened, as they appear in the state machine's catchers


class DownloadZipError(Exception):
    """Base of everything this function raises on purpose."""


class BadEvent(DownloadZipError):
    """The event breaks its contract; repeating it cannot help."""


class BadSource(DownloadZipError):
    """The source folder holds nothing, or keys that no archive may carry."""


class SourceChanged(DownloadZipError):
    """An object was replaced or deleted between listing and reading; repeat the run."""


class S3Failed(DownloadZipError):
    """S3 refused or broke a call; the message names the call, the object and S3's own code."""


class OutOfTime(DownloadZipError):
    """The function's time is nearly over; stopped early enough to clean up."""
