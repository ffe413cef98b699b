"""Tables on a console of any width."""

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table

WIDEST = 1000  # characters


def print_whole(console: Console, table: Table) -> None:
    """Print a table at its full width: a narrow terminal wraps lines, but no digit is lost."""
    needed = Measurement.get(console, console.options.update(max_width=WIDEST), table).maximum
    former = console.width
    console.width = max(former, needed)
    console.print(table, crop=False)
    console.width = former
