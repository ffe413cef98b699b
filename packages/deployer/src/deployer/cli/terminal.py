"""Output: results to standard output, messages to standard error."""

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
    """Prints a message on standard error."""
    stderr().print(Text(message, style=style))


def print_json(value: Any) -> None:
    """Prints a result as JSON on standard output."""
    sys.stdout.write(json.dumps(value, indent=2, default=str) + "\n")


def print_text(text: str) -> None:
    """Prints a result that is text on standard output."""
    sys.stdout.write(text)
