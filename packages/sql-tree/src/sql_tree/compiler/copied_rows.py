"""Finds metadata CSVs whose rows are those of another one, whatever their header says."""

from collections.abc import Iterator, Mapping, Sequence

from sql_tree.compiler.problems import Problem
from sql_tree.layout import MART_LAYERS

Rows = Mapping[str, Sequence[tuple[str, ...]]]  # the values of each CSV, in the order of its known columns

_LISTS = {"stg_tables.csv": ("STG",), "dv_tables.csv": ("EDV",), "dm_tables.csv": MART_LAYERS}
_DEPENDENCIES = ("dv_tbl_dpnds.csv", "dm_tbl_dpnds.csv")
_LEAST_ROWS = 5  # fewer pairs of ids may be equal by chance


def copied_rows(files: Mapping[str, bytes], rows: Rows) -> Iterator[Problem]:
    """Metadata files whose rows are those of another one."""
    first: dict[frozenset[str], str] = {}
    for name, layers in _LISTS.items():
        names = frozenset(values[-1].upper() for values in rows[name])
        other = first.setdefault(names, name) if names else name
        if other != name:
            # the list whose tables have no scripts is the one that holds the rows of the other
            wrong, right = (name, other) if _fitting(files, layers, names) == 0 else (other, name)
            yield _copy(wrong, right)
    vault, marts = (frozenset(rows[name]) for name in _DEPENDENCIES)
    if vault == marts and len(vault) >= _LEAST_ROWS:
        yield _copy(*reversed(_DEPENDENCIES))
    listed = frozenset(values[-1].lower() for values in rows["external_tables.csv"])
    if listed and listed == frozenset(values[-1].lower() for values in rows["stg_tables.csv"]):
        yield _copy("external_tables.csv", "stg_tables.csv")


def _copy(wrong: str, right: str) -> Problem:
    path = f"metadata/{wrong}"
    subjects = (f"file:{path}", f"content:{path}")
    return Problem(path, 0, f"has the content of metadata/{right}", "csv-content", about=subjects)


def _fitting(files: Mapping[str, bytes], layers: tuple[str, ...], names: frozenset[str]) -> int:
    """How many of the names have a folder in one of the layers."""
    folders = {tuple(path.upper().split("/")[:2]) for path in files}
    return sum(any((layer, name) in folders for layer in layers) for name in names)
