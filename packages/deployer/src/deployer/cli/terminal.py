"""Where words go: results to standard output, everything about them to standard error."""

import json
import sys
from typing import Any

from rich.console import Console
from rich.text import Text

STDOUT = "-"


def stdout() -> Console:
    """Console for results; made late so that it follows a redirected stream."""
    return Console(file=sys.stdout, soft_wrap=True, highlight=False)


def stderr() -> Console:
    """Console for progress and notes."""
    return Console(file=sys.stderr, soft_wrap=True, highlight=False)


def say(message: str, style: str = "") -> None:
    """A line about what is going on, on standard error."""
    stderr().print(Text(message, style=style))


def print_json(value: Any) -> None:
    """A result for programs, on standard output, in one piece."""
    sys.stdout.write(json.dumps(value, indent=2, default=str) + "\n")


def print_text(text: str) -> None:
    """A result that is text already, on standard output."""
    sys.stdout.write(text)
