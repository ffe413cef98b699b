"""The packages of the repository, read from their pyproject files."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ROOT / "packages"
CI = "ci"  # the build code's name among those of the packages


class MonorepoError(Exception):
    """A problem of the repository or its tools; the message says what it is and how to fix it."""


@dataclass(frozen=True)
class Package:
    """One folder under `packages/`: a Poetry project with its own version and lock."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.name

    @cached_property
    def pyproject(self) -> Mapping[str, Any]:
        return tomllib.loads((self.path / "pyproject.toml").read_text(encoding="utf-8"))

    @property
    def version(self) -> str:
        return str(self.pyproject["project"]["version"])

    @property
    def lock(self) -> Path:
        return self.path / "poetry.lock"

    @property
    def import_name(self) -> str:
        return str(self.pyproject["tool"]["poetry"]["packages"][0]["include"])

    @property
    def groups(self) -> list[str]:
        """Names of the optional sets of dependencies, such as `dev`."""
        return list(self.pyproject["tool"]["poetry"].get("group", {}))

    @property
    def lambda_settings(self) -> Mapping[str, Any] | None:
        """`[tool.cars.lambda]`: the handler and what stays out of the zip; None for a package that is no Lambda."""
        settings: Mapping[str, Any] | None = self.pyproject["tool"].get("cars", {}).get("lambda")
        return settings

    @property
    def has_import_contracts(self) -> bool:
        """Whether the pyproject has contracts for import-linter (`[tool.importlinter]`)."""
        return "importlinter" in self.pyproject["tool"]

    @property
    def markers(self) -> frozenset[str]:
        """The markers for pytest that the pyproject registers."""
        lines = self.pyproject["tool"].get("pytest", {}).get("ini_options", {}).get("markers", ())
        return frozenset(line.partition(":")[0].strip() for line in lines)

    @property
    def reads(self) -> tuple[str, ...]:
        """`[tool.cars] reads`: folders outside the package that its code or tests read, each with a final slash."""
        return tuple(self.pyproject["tool"].get("cars", {}).get("reads", ()))

    @property
    def ships(self) -> str | None:
        """What a build puts the package's local dependencies into, if it does."""
        if self.lambda_settings is not None:
            return "zip"
        return "bundle" if (self.path / "script").is_dir() else None

    def local_dependencies(self, *, dev: bool = False) -> list[Package]:
        """Path dependencies, nearest first, each once; with `dev` also those of the dev group."""
        poetry = self.pyproject["tool"]["poetry"]
        tables = [poetry.get("dependencies", {})]
        if dev:
            tables.append(poetry.get("group", {}).get("dev", {}).get("dependencies", {}))
        found: dict[str, Package] = {}
        for path in _paths(tables):
            near = Package((self.path / path).resolve())
            if not (near.path / "pyproject.toml").is_file():
                raise MonorepoError(
                    f"{self.name}/pyproject.toml names {path}, where no package is; correct the path or drop the line"
                )
            for package in [near, *near.local_dependencies()]:
                found.setdefault(package.name, package)
        return list(found.values())


def _paths(tables: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for table in tables:
        for value in table.values():
            if isinstance(value, dict) and "path" in value:
                yield value["path"]


def every_package(home: Path = PACKAGES) -> list[Package]:
    """All packages by name."""
    return [Package(path.parent) for path in sorted(home.glob("*/pyproject.toml"))]


def named(name: str) -> Package:
    """The package of that name; an unknown one is an error that lists the known ones."""
    return chosen([name])[0]


def chosen(names: Iterable[str]) -> list[Package]:
    """The packages of these names, all when there are none."""
    known = {package.name: package for package in every_package()}
    wanted = list(names)
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise MonorepoError(f"no package is called {', '.join(unknown)}; known ones: {', '.join(known)}")
    return [known[name] for name in wanted] or list(known.values())
