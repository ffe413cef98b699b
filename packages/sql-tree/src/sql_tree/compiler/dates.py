"""Finds dates that initial and incremental staging scripts fill from different things."""

from collections.abc import Iterable, Iterator

from sqlglot import exp

from sql_tree.compiler.origins import Base, origins
from sql_tree.compiler.problems import Problem
from sql_tree.compiler.scan import Place, Scan

_STEPS = 200  # columns followed for one date; a recursive CTE ends here


def swapped_dates(scans: Iterable[Scan]) -> Iterator[Problem]:
    """`load_dt` of one run type from a column, of the other from the run's date; or two dates exchanged."""
    sources: dict[str, dict[str, dict[str, tuple[str, ...]]]] = {}
    by_table: dict[str, dict[str, Scan]] = {}
    for scan in scans:
        if scan.script.layer == "STG" and len(scan.statements) == 1:
            by_table.setdefault(scan.script.table, {})[scan.script.run_type] = scan
            sources.setdefault(scan.script.table, {})[scan.script.run_type] = _date_sources(scan)
    for table, found in sources.items():
        if len(found) == 2:
            pair = (by_table[table]["initial"], by_table[table]["incremental"])
            yield from _exchanged(pair, found["initial"], found["incremental"])


def _date_sources(scan: Scan) -> dict[str, tuple[str, ...]]:
    """The columns, or the words `the run's date`, that each date of a staging script is made from."""
    found: dict[str, tuple[str, ...]] = {}
    selects = list(scan.statements[0].find_all(exp.Select))
    for selected in selects[0].selects if selects else ():
        name = selected.alias_or_name.lower()
        if name.endswith("_dt"):
            found[name] = tuple(sorted(_source_columns(selected, scan))) or ("the run's date",)
    return found


def _source_columns(selected: exp.Expr, scan: Scan) -> set[str]:
    """The columns of source tables that a value is made from, through subqueries."""
    names: set[str] = set()
    waiting, steps = list(selected.find_all(exp.Column)), 0
    while waiting and (steps := steps + 1) < _STEPS:
        column = waiting.pop()
        behind = origins(column, scan)
        names.update(
            [column.name.lower()] if not behind else [one.column for one in behind if isinstance(one, Base)]
        )
        for one in behind:
            waiting += [] if isinstance(one, Base) else one.find_all(exp.Column)
    return names


def _exchanged(
    scans: tuple[Scan, Scan], initial: dict[str, tuple[str, ...]], incremental: dict[str, tuple[str, ...]]
) -> Iterator[Problem]:
    names = sorted(initial.keys() & incremental.keys())
    for at, first in enumerate(names):
        for second in names[at + 1 :]:
            exchanged = initial[first] == incremental[second] and initial[second] == incremental[first]
            if exchanged and initial[first] != initial[second]:
                text = (
                    f"{first} is {_listed(initial[first])} and {second} {_listed(initial[second])} in initial,"
                    " the other way round in incremental"
                )
                shown = "load_dt" if "load_dt" in (first, second) else first
                yield scans[1].found(_selected_place(scans[1], shown), "swapped-dates", text)
                return
    run, row = ("the run's date",), ("dart_filedate",)
    if "load_dt" in names and (initial["load_dt"] == run) != (incremental["load_dt"] == run):
        text = f"load_dt is {_listed(initial['load_dt'])} in initial, {_listed(incremental['load_dt'])} in incremental"
        wrong = scans[0] if incremental["load_dt"] == run else scans[1]
        yield wrong.found(_selected_place(wrong, "load_dt"), "swapped-dates", text)
    elif "cdc_dt" in names and initial["cdc_dt"] == row and not {*row, *run} & set(incremental["cdc_dt"]):
        text = f"cdc_dt is dart_filedate in initial, {_listed(incremental['cdc_dt'])} in incremental"
        yield scans[1].found(_selected_place(scans[1], "cdc_dt"), "swapped-dates", text)


def _listed(names: tuple[str, ...]) -> str:
    return " and ".join(names)


def _selected_place(scan: Scan, name: str) -> Place:
    """Where the innermost SELECT that makes a column from something else has it."""
    found = [
        selected
        for select in scan.statements[0].find_all(exp.Select)
        for selected in select.selects
        if selected.alias_or_name.lower() == name
    ]
    made = [selected for selected in found if not isinstance(selected, exp.Column)]
    return scan.place((made or found)[0]) if found else Place()
