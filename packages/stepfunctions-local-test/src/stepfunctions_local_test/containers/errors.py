"""What is raised when a container cannot run or does not answer."""

from local_aws.errors import LocalAwsError


class ContainerError(LocalAwsError):
    """The message says what the engine or the container said, and the way out."""


class NoEngineError(ContainerError):
    """No Docker engine answers."""

    def __init__(self, said: Exception) -> None:
        super().__init__(f"no Docker engine answers ({said}); start one, as `ci/docker/engine` does")
