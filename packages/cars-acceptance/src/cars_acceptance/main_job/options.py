"""The options of the main job, their defaults and limits."""

import os
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from cars_acceptance.main_job.errors import MainJobError

DEFAULT_FARMS = 250
DEFAULT_DAYS = 2
DEFAULT_DATE = date(2026, 6, 1)  # fixed: runs on different days do the same
DEFAULT_SEED = 1
MOST_FARMS = 20_000  # the generator holds the source in memory, about 50 KB a farm
MOST_DAYS = 365
EARLIEST, LATEST = date(1900, 1, 1), date(2100, 12, 31)  # 9999-12-31 marks an open row
DEPLOYER_VARIABLE = "CARS_DEPLOYER"


@dataclass(frozen=True)
class Options:
    """What to generate, which deployer and build to use, and where to write the report."""

    car_configs: Path
    build_dir: Path
    report_dir: Path
    deployer_python: str
    farms: int = DEFAULT_FARMS
    days: int = DEFAULT_DAYS
    day: date = DEFAULT_DATE
    seed: int = DEFAULT_SEED
    control_totals: Path | None = None
    keep_running: bool = False
    late: bool = True
    engine: str = "embedded"
    database_sql: Path | None = None
    home: Path | None = None

    @property
    def root(self) -> Path:
        """The repository: the deployer's working directory."""
        return self.home or self.car_configs.parent

    @property
    def own_tree(self) -> Path:
        """The repository's tree: its model describes the generated source, its DDL the tables of CARS."""
        return self.root / "car_configs"

    @property
    def manifest(self) -> Path:
        """The file in which the deployer writes the manifest of the tree."""
        return self.report_dir / "local-manifest.json"

    @property
    def outputs(self) -> Path:
        """The file in which the deployer writes names and ARNs."""
        return self.report_dir / "local-outputs.json"


def repository(start: Path) -> Path | None:
    """The directory at or above `start` that has a `car_configs`."""
    found = (directory for directory in (start, *start.parents) if (directory / "car_configs").is_dir())
    return next(found, None)


def deployer_python(given: str | None) -> str:
    """The deployer's interpreter: the option, else CARS_DEPLOYER, else this one."""
    return given or os.environ.get(DEPLOYER_VARIABLE) or sys.executable


def located(
    car_configs: Path | None, build_dir: Path | None, report_dir: Path | None, python: str | None
) -> Options:
    """Default options with the given paths; absent paths follow from the repository around the current directory."""
    home = repository(Path.cwd()) or (car_configs.absolute().parent if car_configs else None)
    if home is None:
        raise MainJobError(
            f"there is no car_configs at or above {Path.cwd()}; start in the repository or give --car-configs"
        )
    return Options(
        car_configs=car_configs.absolute() if car_configs else home / "car_configs",
        build_dir=(build_dir or home / "build").absolute(),
        report_dir=(report_dir or home / "build" / "reports").absolute(),
        deployer_python=deployer_python(python),
        home=home,
    )
