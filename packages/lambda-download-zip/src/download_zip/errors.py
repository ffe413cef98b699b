"""The errors of this Lambda; callers distinguish the classes by name."""

# ruff: noqa: N818 - an operator reads these names, so they name the problem without the suffix Error


class DownloadZipError(Exception):
    """Base class of this function's errors."""


class BadEvent(DownloadZipError):
    """The event breaks its contract; a repetition fails too."""


class BadSource(DownloadZipError):
    """The source folder is empty, or holds keys that an archive must not have."""


class SourceChanged(DownloadZipError):
    """An object was replaced or deleted between listing and reading; repeat the run."""


class S3Failed(DownloadZipError):
    """A call to S3 failed; the message names the call, the object and the code of S3."""


class OutOfTime(DownloadZipError):
    """The function's time is nearly over; the run was stopped in time to clean up."""
