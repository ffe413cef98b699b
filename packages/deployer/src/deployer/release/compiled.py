"""Compiles the SQL tree into the shape that is published; the compiler itself is in `deployer.configs`."""

from pathlib import Path

from deployer.environment_file import Environment
from deployer.environment_file.repository import repository_root
from deployer.errors import ReleaseError
from deployer.release.publish import Release

DEFAULT_SOURCE = "car_configs"


def compile_release(root: Path) -> Release:
    """Raises ReleaseError with every problem of the tree."""
    # Only these commands need the SQL parser; the others should not wait for its import.
    from deployer.configs.compile import compile_tree

    compiled = compile_tree(root)
    return Release(
        compiled.release, compiled.files, compiled.manifest, compiled.manifest_bytes, compiled.warnings
    )


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
