"""Options that several commands share, and what they turn into."""

from pathlib import Path
from typing import Annotated

import typer

from deployer.blueprint.name_limits import check_names
from deployer.cli.terminal import say
from deployer.environment_file import Environment, load_environment
from deployer.environment_file.repository import repository_root

EnvironmentName = Annotated[
    str, typer.Argument(metavar="ENV", help="prod, dev, cert, steam, local, or the stem of another file.")
]
ConfigDir = Annotated[
    Path | None,
    typer.Option(
        "--config-dir", help="Where the environment files are [CARS_CONFIG_DIR, ../../config/cars]."
    ),
]
BuildDir = Annotated[Path | None, typer.Option("--build-dir", help="What `nox -s build` wrote [build].")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on standard output and nothing else.")]

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Apply without asking.")]
MaxDeletes = Annotated[
    int, typer.Option("--max-deletes", min=0, help="How many owned resources may be deleted or replaced.")
]

LockTimeout = Annotated[
    int, typer.Option("--lock-timeout", min=0, help="Seconds to wait for another deploy's lock.")
]


def environment_of(name: str, config_dir: Path | None, *, quiet_notes: bool = False) -> Environment:
    """The checked environment; its notes go to standard error unless a plan shows them itself."""
    environment = load_environment(name, config_dir)
    check_names(environment)
    for note in () if quiet_notes else environment.notes:
        say(f"note: {note}")
    return environment


def build_dir_of(build_dir: Path | None) -> Path:
    """The build directory, by default `build` in the repository."""
    return build_dir or repository_root() / "build"
