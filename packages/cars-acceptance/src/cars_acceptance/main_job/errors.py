"""The error of the main job."""

from local_aws.errors import LocalAwsError


class MainJobError(LocalAwsError):
    """A step of the main job failed; `details` is the command's output, `hint` says where to look."""

    def __init__(self, message: str, *, details: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.details = details
        self.hint = hint
