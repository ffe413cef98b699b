"""What stops the main job."""

from local_aws.errors import LocalAwsError


class MainJobError(LocalAwsError):
    """A step of the main job failed; the message says what, `details` what it printed, `hint` where to look."""

    def __init__(self, message: str, *, details: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.details = details
        self.hint = hint
