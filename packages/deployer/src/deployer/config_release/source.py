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
    origin = f"configUpload.sourceDir '{configured}'" if configured and not given else "the source directory"
    return existing_tree(path, origin)


def existing_tree(path: Path, origin: str) -> Path:
    """The path when it is a directory; `origin` says who named it. Raises ReleaseError."""
    if not path.is_dir():
        raise ReleaseError(
            f"{origin} is not a directory: {path.resolve()}; name the folder that holds STG/, EDV/ and metadata/"
        )
    return path
