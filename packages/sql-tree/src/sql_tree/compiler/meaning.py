"""Finds what a statement says that cannot be meant: NULL hashes, unmapped operations, impossible literals, replays."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from sqlglot import exp

from sql_tree.compiler.ddl import required_columns
from sql_tree.compiler.outputs import aliased_tables
from sql_tree.compiler.problems import Problem
from sql_tree.compiler.scan import Place, Scan, table_name

_HASHES = (exp.MD5, exp.MD5Digest, exp.SHA, exp.SHA2)
_NEVER_NULL = (
    exp.Literal,
    exp.JSONArray,
    exp.JSONObject,
    exp.ConcatWs,
    exp.Exists,
    exp.Is,
    exp.Count,
    exp.RowNumber,
)
_PASS_NULL = (
    exp.DPipe, exp.Upper, exp.Lower, exp.Trim, exp.Cast, exp.TryCast, exp.Paren, exp.Substring, exp.Pad, exp.Add,
    exp.Sub, exp.Mul, exp.Replace, exp.ToChar, exp.TimeToStr, exp.Left, exp.Right,
)  # fmt: skip
_CODES = {"I", "UN", "D"}
_OPERATION = "cdc_oper_cd"


def meaning_problems(scans: Iterable[Scan]) -> Iterator[Problem]:
    """Problems of the meaning of statements that parse."""
    scans = list(scans)
    required = required_columns(scans)
    for scanned in scans:
        if scanned.script.layer == "DDL" or not scanned.is_valid:
            continue
        for statement in scanned.statements:
            yield from _null_hashes(scanned, statement, required)
            yield from _operations(scanned, statement)
            yield from _literals(scanned, statement)
    yield from _swapped_dates(scans)
    yield from _repeated_inserts(scans)


@dataclass(frozen=True, slots=True)
class _Nullable:
    """Decides whether an expression is NULL as soon as one of its columns is; unknown functions are trusted."""

    scan: Scan
    required: set[tuple[str, str]]

    def columns(self, node: exp.Expr) -> list[str]:
        """The columns that make the expression NULL."""
        match node:
            case exp.Column():
                return [] if self._is_required(node) else [node.name.lower()]
            case exp.Coalesce():
                parts = [self.columns(part) for part in (node.this, *node.expressions)]
                return parts[0] if all(parts) else []
            case exp.Case():
                branches = [branch.args["true"] for branch in node.args["ifs"]]
                guarded = any(node.find_all(exp.Is))
                default = node.args.get("default")
                return [] if guarded or default is None else self._any([*branches, default])
            case exp.Concat():
                # Postgres' CONCAT skips NULL, Spark's does not
                return self._any(node.expressions) if self.scan.dialect == "spark" else []
            case _ if isinstance(node, _NEVER_NULL):
                return []
            case _ if isinstance(node, _PASS_NULL):
                return self._any(
                    part for part in node.iter_expressions() if not isinstance(part, exp.DataType)
                )
        return []

    def _any(self, nodes: Iterable[exp.Expr]) -> list[str]:
        return list(dict.fromkeys(name for node in nodes for name in self.columns(node)))

    def _is_required(self, column: exp.Column) -> bool:
        select = column.find_ancestor(exp.Select)
        sources = aliased_tables(select) if select is not None else {}
        source = sources.get(column.table.lower()) if column.table else None
        if source is None and not column.table and len(sources) == 1:
            source = next(iter(sources.values()))
        if not isinstance(source, exp.Table):
            return source is not None  # computed below; its own expression is judged there
        if not source.db or table_name(source) in self.scan.local:
            return True
        return (table_name(source), column.name.lower()) in self.required


def _null_hashes(scan: Scan, statement: exp.Expr, required: set[tuple[str, str]]) -> Iterator[Problem]:
    nullable = _Nullable(scan, required)
    for node in scan.every(statement, *_HASHES):
        names = nullable.columns(node.this)
        if not names:
            continue
        joined = node.this.find(exp.DPipe, exp.Concat) is not None
        code, verb = ("null-hash", "are" if len(names) > 1 else "is") if joined else ("null-key", "is")
        text = f"the hash is NULL when {' or '.join(names)} {'is' if len(names) > 1 else verb} NULL"
        yield scan.found(scan.place(node), code, text)


def _operations(scan: Scan, statement: exp.Expr) -> Iterator[Problem]:
    if scan.script.layer == "STG":
        yield from _staged_operations(scan, statement)
        return
    for node in scan.every(statement, exp.EQ, exp.NEQ, exp.In):
        if not isinstance(node.this, exp.Column) or node.this.name.lower() != _OPERATION:
            continue
        values = node.expressions if isinstance(node, exp.In) else [node.expression]
        wrong = [value.name for value in values if value.is_string and value.name.strip() not in _CODES]
        if wrong:
            text = f"compares {_OPERATION} with {', '.join(map(repr, wrong))}; staging holds only I, UN and D"
            yield scan.found(scan.place(node), "unmapped-operation", text)


def _staged_operations(scan: Scan, statement: exp.Expr) -> Iterator[Problem]:
    for select in _branches(statement):
        for selected in select.selects:
            if selected.alias_or_name.lower() != _OPERATION:
                continue
            literals = {node.name for node in selected.find_all(exp.Literal) if node.is_string}
            if (
                any(selected.find_all(exp.Column))
                and "UN" not in literals
                and not _is_computed(selected, select)
            ):
                text = (
                    f"{_OPERATION} is {selected.unalias().sql('spark')}, so an update arrives as U, not as UN"
                )
                yield scan.found(scan.place(selected), "unmapped-operation", text)
            elif isinstance(selected.unalias(), exp.Literal) and not literals <= _CODES:
                text = f"{_OPERATION} is {selected.unalias().sql('spark')}, which is not I, UN or D"
                yield scan.found(scan.place(selected), "unmapped-operation", text)


def _is_computed(selected: exp.Expr, select: exp.Select) -> bool:
    """Whether the columns come from a subquery or CTE, which may have mapped the code."""
    return any(not isinstance(s, exp.Table) or not s.db for s in aliased_tables(select).values()) or any(
        column.name.lower() == _OPERATION for column in selected.find_all(exp.Column)
    )


def _branches(statement: exp.Expr) -> list[exp.Select]:
    """Every SELECT of a script, also those of subqueries and of a UNION."""
    return list(statement.find_all(exp.Select))


_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_STRICT = {
    exp.DType.DATE: (re.compile(r"\d{4}-\d{2}-\d{2}"), "YYYY-MM-DD"),
    exp.DType.TIMESTAMP: (
        re.compile(r"\d{4}-\d{2}-\d{2}([ T]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?)?"),
        "YYYY-MM-DD[ hh:mm:ss[.ffffff]]",
    ),
}
_WORDS = {"infinity", "-infinity", "epoch", "now", "today", "tomorrow", "yesterday", "allballs"}


def _literals(scan: Scan, statement: exp.Expr) -> Iterator[Problem]:
    for node in scan.every(statement, exp.Cast):
        if not isinstance(node.this, exp.Literal) or not node.this.is_string:
            continue
        reason = _unfit(node.this.name.strip(), node.to, strict=scan.dialect == "spark")
        if reason:
            written = scan.original(node.this)
            yield scan.found(scan.place(node), "bad-literal", f"{node.to.sql()} {written} {reason}")


def _unfit(value: str, wanted: exp.DataType, *, strict: bool) -> str | None:
    """Why a type cannot hold a text; None when it can, or when that is not certain."""
    if wanted.is_type(*exp.DataType.INTEGER_TYPES):
        return None if re.fullmatch(r"[+-]?\d+", value) else f"is {value!r}, which is no whole number"
    if wanted.is_type(exp.DType.DECIMAL, exp.DType.DOUBLE, exp.DType.FLOAT):
        fits = re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?|nan|[+-]?inf(inity)?", value, re.IGNORECASE)
        return None if fits else f"is {value!r}, which is no number"
    kind = {exp.DType.TIMESTAMPTZ: exp.DType.TIMESTAMP, exp.DType.TIMESTAMPNTZ: exp.DType.TIMESTAMP}.get(
        wanted.this, wanted.this
    )
    if kind not in _STRICT:
        return None
    pattern, form = _STRICT[kind]
    if strict and not pattern.fullmatch(value):
        return f"is {value!r}, which is not {form}"
    found = _DATE.match(value)
    if found and not _exists(*(int(part) for part in found.groups())):
        return f"is {value!r}, which is no day of the calendar"
    if not strict and value.lower() not in _WORDS and not re.search(r"\d.*\d.*\d", value):
        return f"is {value!r}, which is no {kind.value.lower()}"
    return None


def _exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _swapped_dates(scans: list[Scan]) -> Iterator[Problem]:
    """`load_dt` of one run type from a column, of the other from the run's date; or two dates exchanged."""
    sources: dict[str, dict[str, dict[str, tuple[str, ...]]]] = {}
    by_table: dict[str, dict[str, Scan]] = {}
    for scan in scans:
        if scan.script.layer == "STG" and len(scan.statements) == 1:
            by_table.setdefault(scan.script.table, {})[scan.script.run_type] = scan
            sources.setdefault(scan.script.table, {})[scan.script.run_type] = _date_sources(scan)
    for table, found in sources.items():
        if len(found) == 2:
            yield from _exchanged(by_table[table]["incremental"], found["initial"], found["incremental"])


def _date_sources(scan: Scan) -> dict[str, tuple[str, ...]]:
    """The columns, or the words `the run's date`, that each date of a staging script is made from."""
    found: dict[str, tuple[str, ...]] = {}
    selects = _branches(scan.statements[0])
    for selected in selects[0].selects if selects else ():
        name = selected.alias_or_name.lower()
        if name.endswith("_dt"):
            columns = sorted({column.name.lower() for column in selected.find_all(exp.Column)})
            found[name] = tuple(columns) or ("the run's date",)
    return found


def _exchanged(
    scan: Scan, initial: dict[str, tuple[str, ...]], incremental: dict[str, tuple[str, ...]]
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
                yield scan.found(_selected_place(scan, shown), "swapped-dates", text)
                return
    run = ("the run's date",)
    if "load_dt" in names and (initial["load_dt"] == run) != (incremental["load_dt"] == run):
        text = f"load_dt is {_listed(initial['load_dt'])} in initial, {_listed(incremental['load_dt'])} in incremental"
        yield scan.found(_selected_place(scan, "load_dt"), "swapped-dates", text)


def _listed(names: tuple[str, ...]) -> str:
    return " and ".join(names)


def _selected_place(scan: Scan, name: str) -> Place:
    for select in _branches(scan.statements[0]):
        for selected in select.selects:
            if selected.alias_or_name.lower() == name:
                return scan.place(selected)
    return Place()


def _repeated_inserts(scans: list[Scan]) -> Iterator[Problem]:
    """Inserts of vault and mart tables that nothing keeps from adding their rows a second time."""
    emptied: set[tuple[str, str, str]] = set()
    for scan in scans:
        script = scan.script
        if script.layer in ("STG", "DDL") or not scan.is_valid:
            continue
        for statement in scan.statements:
            if isinstance(statement, exp.Delete | exp.TruncateTable):
                emptied.update((script.layer, script.table, name) for name in scan.writes)
            elif isinstance(statement, exp.Insert):
                yield from _repeated(scan, statement, emptied)


def _repeated(scan: Scan, statement: exp.Insert, emptied: set[tuple[str, str, str]]) -> Iterator[Problem]:
    target = statement.this.this if isinstance(statement.this, exp.Schema) else statement.this
    if not isinstance(target, exp.Table) or statement.args.get("conflict") is not None:
        return
    name = table_name(target)
    if (scan.script.layer, scan.script.table, name) in emptied or name in scan.local:
        return
    others = [table_name(table) for table in scan.every(statement, exp.Table) if table is not target]
    if name in others or any(other in scan.local for other in others):  # compared with what is there
        return
    yield scan.found(scan.place(target), "not-idempotent", f"inserts into {name} without a look at its rows")
