"""One SVG per machine, with covered and uncovered edges."""

from collections.abc import Iterator
from pathlib import Path

from stepfunctions_local_test.result import Result


def pictures(result: Result, folder: Path) -> Iterator[Path]:
    """Writes them; none where nothing draws."""
    try:
        from stepfunctions_local_test.drawing import svg
    except ImportError:
        return
    for coverage in result.coverages:
        file = folder / f"{coverage.graph.name}.svg"
        file.write_text(svg(coverage.graph, coverage.edges), encoding="utf-8")
        yield file
