"""Draws machines into a folder: `python -m stepfunctions_local_test.states.drawing --machines FILE --to DIR [--check]`.

FILE is JSON, {"machines": {NAME: definition}}; other keys are left alone. With --check nothing is written, and a
drawing that is not what would be written makes the exit code 1.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from stepfunctions_local_test.states.drawing.documentation import draw_documentation


def main(arguments: Sequence[str] | None = None) -> int:
    """0: everything is drawn as it must be; 1: --check found stale drawings; 2: FILE is not what it must be."""
    parser = argparse.ArgumentParser(
        prog="python -m stepfunctions_local_test.states.drawing", description=__doc__
    )
    parser.add_argument("--machines", type=Path, required=True, metavar="FILE")
    parser.add_argument("--to", type=Path, required=True, metavar="DIR")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args(arguments)
    try:
        machines = read_machines(options.machines)
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)  # noqa: T201 - the program's own words
        return 2
    changed = draw_documentation(machines, options.to, check=options.check)
    for path in changed:
        print(f"{path} is stale; run this again without --check" if options.check else f"drew {path}")  # noqa: T201
    return 1 if changed and options.check else 0


def read_machines(file: Path) -> dict[str, Any]:
    """The machines of a file. Raises ValueError for one that holds none."""
    content = json.loads(file.read_text("utf-8"))
    machines = content.get("machines") if isinstance(content, dict) else None
    if not isinstance(machines, dict) or not machines:
        raise ValueError(f'{file} must hold {{"machines": {{NAME: definition}}}}, got {content!s:.80}')
    return machines


if __name__ == "__main__":
    raise SystemExit(main())
