"""The committed drawings of a repository: one SVG per machine in a folder, written or checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from stepfunctions_local_test.drawing.picture import svg
from stepfunctions_local_test.graph import Graph


def draw_documentation(
    machines: Mapping[str, Mapping[str, Any]],
    directory: Path,
    names: Iterable[str] = (),
    *,
    check: bool = False,
) -> tuple[Path, ...]:
    """Write the drawings of machines (name: definition) into a folder; returns the files that were missing or stale.

    `names` are names without an environment's prefix, such as the folders of scenarios. With `check` nothing is written.
    """
    known = tuple(names)
    stale: list[Path] = []
    for machine, definition in machines.items():
        title = plain_name(machine, known)
        path, drawing = file_of(directory, title), drawn(title, definition)
        if not path.is_file() or path.read_bytes() != drawing:
            stale.append(path)
            if not check:
                directory.mkdir(parents=True, exist_ok=True)
                path.write_bytes(drawing)
    return tuple(stale)


def drawn(title: str, definition: Mapping[str, Any]) -> bytes:
    """The content of a machine's file."""
    return svg(Graph.of(title, definition)).encode()


def plain_name(machine: str, names: Iterable[str]) -> str:
    """The longest of `names` that ends the machine's name, else the machine's name."""
    return max((name for name in names if _ends(machine, name)), key=len, default=machine)


def file_of(directory: Path, title: str) -> Path:
    """The file in the folder whose name ends the title, else a new one named after the title."""
    # a file keeps the name under which documents link to it, such as pipeline.svg for Orders-Pipeline
    present = (path for path in sorted(directory.glob("*.svg")) if _ends(title.lower(), path.stem))
    return max(present, key=lambda path: len(path.stem), default=directory / f"{title.lower()}.svg")


def _ends(name: str, ending: str) -> bool:
    return f"-{name}".endswith(f"-{ending}")
