"""The drawings of a repository: one SVG per machine in a folder, drawn anew or only looked at."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stepfunctions_local_test.drawing.picture import svg
from stepfunctions_local_test.graph import Graph

# Machines are called {prefix}-CARS-{what}; the prefix is an environment's and stays out of a drawing.
_PREFIX = re.compile(r"^.*?(?=CARS-)")


def draw_documentation(
    machines: Mapping[str, Mapping[str, Any]], directory: Path, *, check: bool = False
) -> tuple[Path, ...]:
    """Draws the machines (name: definition) into a folder and gives the files that were not as they must be.

    With `check` nothing is written: the same files are stale.
    """
    stale: list[Path] = []
    for name, definition in machines.items():
        path, drawing = directory / file_name(name), drawn(name, definition)
        if not path.is_file() or path.read_bytes() != drawing:
            stale.append(path)
            if not check:
                directory.mkdir(parents=True, exist_ok=True)
                path.write_bytes(drawing)
    return tuple(stale)


def drawn(name: str, definition: Mapping[str, Any]) -> bytes:
    """The file of a machine."""
    return svg(Graph.of(plain_name(name), definition)).encode()


def plain_name(name: str) -> str:
    """`CARS-EDV-Pipeline` of `FSA-DEV-CARS-EDV-Pipeline`."""
    return _PREFIX.sub("", name)


def file_name(name: str) -> str:
    """`edv-pipeline.svg` of `CARS-EDV-Pipeline`."""
    return f"{plain_name(name).removeprefix('CARS-').lower()}.svg"
