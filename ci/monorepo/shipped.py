"""The parts of a package that users get and whose change needs a version: sources, dependencies, locked versions."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

SOURCES = ("src/", "script/")
OF_PROJECT = (
    "dependencies",
    "optional-dependencies",
    "requires-python",
    "scripts",
    "gui-scripts",
    "entry-points",
)
OF_POETRY = ("dependencies", "packages", "include", "exclude")
MAIN = "main"


def is_source(inner_path: str) -> bool:
    """Whether a path inside a package is code that is shipped; tests, benchmarks and prose are not."""
    return inner_path.startswith(SOURCES)


def of_pyproject(text: str) -> Mapping[str, Any]:
    """The parts that decide what is installed and packed; version, description, groups and tool settings are not."""
    found = tomllib.loads(text)
    project, tools = found.get("project", {}), found.get("tool", {})
    poetry = tools.get("poetry", {})
    return {
        **{f"project.{key}": project[key] for key in OF_PROJECT if key in project},
        **{f"tool.poetry.{key}": poetry[key] for key in OF_POETRY if key in poetry},
        "tool.cars.lambda": tools.get("cars", {}).get("lambda"),
        "build-system": found.get("build-system"),
    }


def of_lock(text: str) -> Mapping[str, Any]:
    """Locked third-party packages of production: another version or file counts, one that only tests need does not."""
    return {
        f"{entry['name']} {entry['version']}": (
            entry.get("markers"),
            tuple(sorted(file["hash"] for file in entry.get("files", ()))),
        )
        for entry in tomllib.loads(text).get("package", ())
        if MAIN in entry.get("groups", (MAIN,)) and entry.get("source", {}).get("type") != "directory"
    }


def differing(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Names of the parts that are not the same on both sides."""
    return sorted(key for key in old.keys() | new.keys() if old.get(key) != new.get(key))
