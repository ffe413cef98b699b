"""Reading the YAML beside a machine's scenarios."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from stepfunctions_local_test.checks.finding import ChecksError


def read(path: Path) -> Any:
    """The content of a file, {} when it is empty. Raises ChecksError for text that is not YAML."""
    try:
        return yaml.safe_load(path.read_text("utf-8")) or {}
    except yaml.YAMLError as error:
        raise ChecksError(f"{path.name} is no YAML: {' '.join(str(error).split())}") from error
