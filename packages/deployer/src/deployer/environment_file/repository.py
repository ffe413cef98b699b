"""Where the repository is: the default place of configs, builds and the SQL tree."""

from pathlib import Path

_MARK = Path("packages/deployer/pyproject.toml")


def repository_root() -> Path:
    """The repository around the current directory, or the one this package was installed from."""
    here = Path.cwd()
    for directory in (here, *here.parents, *Path(__file__).resolve().parents):
        if (directory / _MARK).is_file():
            return directory
    return here
