"""Finds the SQL tree to compile."""

from pathlib import Path

from deployer.environment_file import Environment
from deployer.environment_file.repository import repository_root
from deployer.errors import ReleaseError

DEFAULT_SOURCE = "car_configs"


def source_of(environment: Environment, given: Path | None) -> Path:
    """The tree to compile: what was given, else `configUpload.sourceDir` below the repository, else car_configs."""
    configured = environment.config.config_upload.source_dir
    path = given or repository_root() / (configured or DEFAULT_SOURCE)
    if not path.is_dir():
        origin = (
            f"configUpload.sourceDir '{configured}'" if configured and not given else "the source directory"
        )
        raise ReleaseError(
            f"{origin} is not a directory: {path.resolve()}; pass --source with the tree to compile"
        )
    return path
