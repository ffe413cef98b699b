"""Finds the SQL tree, and data beside the repository."""

from pathlib import Path


def above(relative: str) -> Path | None:
    """A path of this name in a directory above the tests, when there is one."""
    for directory in Path(__file__).resolve().parents:
        if (directory / relative).exists():
            return directory / relative
    return None


def car_configs() -> Path:
    """The repository's SQL tree."""
    found = above("car_configs/metadata/model/sources.yaml")
    assert found is not None, "there is no car_configs above the tests"
    return found.parents[2]
