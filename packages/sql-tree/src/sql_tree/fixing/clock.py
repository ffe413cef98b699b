"""Puts tokens of the run in the place of the clock, where a stored time or a date is meant."""

from collections.abc import Iterable, Iterator

from sqlglot import Dialect, exp
from sqlglot.errors import SqlglotError

from sql_tree.compiler.problems import Problem
from sql_tree.compiler.scan import Scan
from sql_tree.fixing.clock_uses import AGE, DATE, DAY_OF_STAMP, OTHER, ClockUse, span, uses_of
from sql_tree.fixing.edits import Fix, Left, Proposal
from sql_tree.fixing.source import Source
from sql_tree.fixing.stamps import Sinks, base_type, is_named_output
from sql_tree.fixing.words import Script

_RUN_DATE = "DATE '{ETL_START_DATE}'"
_CHOOSE = "write TIMESTAMP '{ETL_START_TIMESTAMP}' for the start of the run's day or '{ETL_END_TIMESTAMP}' for its end"
_STORED = {"timestamp", "timestamptz", "date"}


def clock_fixes(source: Source) -> Iterator[Proposal]:
    """One proposal for each use of the clock that the compiler found."""
    wanted: dict[str, list[Problem]] = {}
    for finding in source.open("clock"):
        wanted.setdefault(finding.problem.file, []).append(finding.problem)
    for scan in source.editable:
        problems = wanted.get(scan.script.path)
        if problems and not source.snapshot.is_rendered(scan.script.path):
            script = Script(scan, source.files[scan.script.path])
            yield from _proposals(script, problems, source)


def _proposals(script: Script, problems: Iterable[Problem], source: Source) -> Iterator[Proposal]:
    uses = {script.scan.bound.place(use.offset): use for use in uses_of(script)}
    marked = _marked(script, list(uses.values()))
    for problem in problems:
        use = uses.get((problem.line, problem.column))
        if use is None:
            continue
        new, reason = _replacement(script, use, marked, source)
        if new is None:
            yield Left("clock", script.path, problem.line, f"{use.name}: {reason}", _by_hand(reason))
            continue
        start, end = span(script, use)
        if use.reads == AGE:
            start = end  # the run's day becomes the first of two values
        text = f"{script.original(*span(script, use))} -> {new}"
        edit = script.edit(start, end, new)
        yield Fix("clock", script.path, problem.line, text, (edit,), resolves=(problem,))


def _by_hand(reason: str) -> str:
    if "time of day" in reason:
        return _CHOOSE
    return "write a token such as {ETL_START_TIMESTAMP} where the run's time is meant, or leave the value out"


def _stamp_token(scan: Scan, name: str = "ETL_START_TIMESTAMP") -> str:
    written = f"'{{{name}}}'"
    return f"CAST({written} AS TIMESTAMP)" if scan.dialect == "spark" else f"TIMESTAMP {written}"


def _replacement(
    script: Script, use: ClockUse, marked: dict[int, tuple[exp.Expr, exp.Expr]], source: Source
) -> tuple[str | None, str]:
    """The text that takes the place of a use, or None and why there is none."""
    if script.scan.script.layer == "DDL":
        return None, "a default of the DDL would be fixed at the day of its creation"
    if use.reads == OTHER or (use.shift and script.scan.dialect == "spark"):
        return None, "no token has this value"
    if use.reads == AGE:
        if script.scan.dialect == "spark":
            return None, "no token has this value"
        return f"{_stamp_token(script.scan)}, ", ""
    if use.offset not in marked:
        return None, "its place in the statement is not understood"
    statement, node = marked[use.offset]
    if node.find_ancestor(exp.ColumnDef) is not None:
        return None, "a default of a column is not a value of this run"
    if is_named_output(node):
        return None, "it names a column of a query"
    return _valued(script.scan, use, statement, node, source)


def _valued(
    scan: Scan, use: ClockUse, statement: exp.Expr, node: exp.Expr, source: Source
) -> tuple[str | None, str]:
    if use.reads == DATE:
        shifted = {0: _RUN_DATE, 1: f"({_RUN_DATE} + 1)", -1: f"({_RUN_DATE} - 1)"}
        return shifted[use.shift], ""
    if use.reads == DAY_OF_STAMP:
        if use.shift < 0:
            return None, "no token has this value"
        return _stamp_token(scan, "ETL_END_TIMESTAMP" if use.shift else "ETL_START_TIMESTAMP"), ""
    marked_scan = Scan(scan.script, scan.bound, local=scan.local)
    types = Sinks(marked_scan, statement, source.types).of(node)
    if types is None or not types:
        return (
            None,
            "the time of day may be meant: it is not simply stored in a column whose type the DDL tells",
        )
    if not {base_type(kind) for kind in types} <= _STORED:
        return None, f"it is stored as {' and '.join(sorted(set(types)))}, neither date nor timestamp"
    return (_RUN_DATE if set(types) == {"date"} else _stamp_token(scan)), ""


def _marked(script: Script, uses: Iterable[ClockUse]) -> dict[int, tuple[exp.Expr, exp.Expr]]:
    """Statement and node of each use: the script parsed with a column of its own name in the place of each."""
    text, done, parts = script.scan.bound.text, 0, list[str]()
    names: dict[str, int] = {}
    for use in uses:
        start, end = span(script, use)
        if use.reads in (AGE, OTHER) or start < done:
            continue
        name = f"clock_use_{use.offset}_of_{len(text)}"
        names[name] = use.offset
        parts += [text[done:start], name]
        done = end
    dialect = Dialect.get_or_raise(script.scan.dialect)
    joined = "".join([*parts, text[done:]])
    try:
        statements = [one for one in dialect.parse(joined) if one is not None]
    except SqlglotError:
        return {}
    return {
        names[column.name]: (statement, column)
        for statement in statements
        for column in statement.find_all(exp.Column)
        if column.name in names
    }
