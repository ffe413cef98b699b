"""Writes names in upper case: folders and files of scripts, tables in the CSVs; and takes a doubled ending away."""

import re
from collections.abc import Iterator

from sql_tree.fixing.csv_cells import read_csv
from sql_tree.fixing.edits import Fix, Left, Proposal, Rename
from sql_tree.fixing.source import Source
from sql_tree.layout import LAYERS, METADATA_COLUMNS, RUN_TYPES

_DOUBLED = re.compile(r"(.+\.(csv|sql))(\.\2)+", re.IGNORECASE)
_NAMES = {"stg_tables.csv": "tbl", "dv_tables.csv": "dv_tbl_nm", "dm_tables.csv": "dm_tbl_nm"}
_TABLE = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_RENDERED = "change metadata/model and run nox -s render"


def rename_fixes(source: Source) -> Iterator[Proposal]:
    """A rename for each file whose path is not written as the contract writes it."""
    wanted = {path: _wanted(path) for path in source.files}
    by_target: dict[str, list[str]] = {}
    for path, target in wanted.items():
        by_target.setdefault(target, []).append(path)
    endings = {finding.problem.file: finding.problem for finding in source.open("doubled-ending")}
    for path, target in wanted.items():
        if path == target:
            continue
        others = [other for other in by_target[target] if other != path]
        if source.snapshot.is_rendered(target):
            yield Left("names", path, 0, "its place belongs to the model", _RENDERED)
        elif others or target in source.snapshot.links:
            names = ", ".join(others) or target
            yield Left("names", path, 0, f"would become {target}, as {names} does", "keep one of the files")
        else:
            resolves = (endings[path],) if path in endings else ()
            yield Fix("names", path, 0, f"{path} -> {target}", rename=Rename(path, target), resolves=resolves)


def _wanted(path: str) -> str:
    """The path in the contract's case, with one ending; a path that is no place of a release stays."""
    doubled = _DOUBLED.fullmatch(path)
    layer, *rest = (doubled[1] if doubled else path).split("/")
    name = rest[-1] if rest else ""
    if layer.lower() == "metadata" and len(rest) == 1 and name.lower() in METADATA_COLUMNS:
        return f"metadata/{name.lower()}"
    if layer.upper() not in LAYERS or not name.lower().endswith(".sql"):
        return path
    file = f"{name[:-4].upper()}.sql"
    if layer.upper() == "STG":
        shaped = len(rest) == 3 and rest[1].lower() in RUN_TYPES
        return f"STG/{rest[0].upper()}/{rest[1].lower()}/{file}" if shaped else path
    shaped = len(rest) == 2 and re.fullmatch(r"\d+_[A-Z0-9_]+\.sql", file) is not None
    return f"{layer.upper()}/{rest[0].upper()}/{file}" if shaped else path


def cell_fixes(source: Source) -> Iterator[Proposal]:
    """One fix for each CSV whose table names are not in upper case."""
    for name, column in _NAMES.items():
        path = f"metadata/{name}"
        found = read_csv(path, source.files[path]) if path in source.files else None
        if found is None or column not in found.header:
            continue
        at = found.header.index(column)
        repeated = {one.problem.line for one in source.open("duplicate-entry") if one.problem.file == path}
        rows = [row for row in found.rows[1:] if row.line not in repeated]
        cells = [row.cells[at] for row in rows if len(row.cells) > at]
        lower = [cell for cell in cells if _TABLE.fullmatch(cell.value) and cell.value != cell.value.upper()]
        if not lower:
            continue
        if source.snapshot.is_rendered(path):
            yield Left("names", path, 0, f"{len(lower)} names are not in upper case", _RENDERED)
            continue
        edits = tuple(found.edit(cell.start, cell.end, cell.value.upper()) for cell in lower)
        yield Fix("names", path, 0, f"{len(lower)} names in upper case", edits)
