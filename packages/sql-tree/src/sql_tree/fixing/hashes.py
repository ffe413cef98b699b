"""Keeps hashes from being NULL: COALESCE around each operand that may be, so that other rows keep their hash."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlglot import Dialect, exp
from sqlglot.errors import SqlglotError

from sql_tree.compiler.ddl import required_columns
from sql_tree.compiler.problems import Problem
from sql_tree.compiler.scan import Place, table_name
from sql_tree.fixing.edits import Edit, Fix, Left, Proposal
from sql_tree.fixing.hash_operands import Operand, hash_calls, operands
from sql_tree.fixing.source import Source
from sql_tree.fixing.stamps import base_type, column_type, source_of
from sql_tree.fixing.words import Script

_TEXT = {"varchar", "char", "text", "bpchar"}
_WHOLE = {"smallint", "int", "bigint"}
_NUMBERS = {*_WHOLE, "decimal", "numeric", "real", "double precision"}
_SHORT = 28  # digits of a decimal that varchar(32) holds with sign and point
_KEPT = (exp.Upper, exp.Lower, exp.Trim)  # of text, and '--' stays '--' in them
NOT_ADDED = "UPPER and TRIM are not added: they would change hashes that exist"
_BY_HAND = "wrap each column by hand: UPPER(COALESCE(TRIM(x),'--')) or COALESCE(x::varchar(32),'-1')"


@dataclass(frozen=True, slots=True)
class _Column:
    """Type of a column in a hash; `required` when it is never NULL."""

    type: str | None
    required: bool


@dataclass(frozen=True, slots=True)
class _Wrap:
    """The edits around an operand and how it reads then; `contract` when that is the contract's own form."""

    edits: tuple[Edit, ...] = ()
    text: str = ""
    contract: bool = True


class _RefusedError(Exception):
    """Why an operand is not wrapped."""


def hash_fixes(source: Source) -> Iterator[Proposal]:
    """One proposal for each hash that the compiler found to be NULL when a column is."""
    required = required_columns(source.scans)
    for finding in source.open("null-hash", "null-key"):
        problem = finding.problem
        scan = next((one for one in source.editable if one.script.path == problem.file), None)
        if scan is None or source.snapshot.is_rendered(problem.file):
            continue
        script = Script(scan, source.files[problem.file])
        yield from _proposals(script, problem, source, required)


def _proposals(
    script: Script, problem: Problem, source: Source, required: set[tuple[str, str]]
) -> Iterator[Proposal]:
    for statement in script.scan.statements:
        for node in script.scan.every(statement, exp.MD5, exp.MD5Digest, exp.SHA, exp.SHA2):
            if script.scan.place(node) == Place(problem.line, problem.column):
                columns = _columns(script, node, source, required)
                yield _proposal(script, problem, (statement, node), columns)
                return


def _columns(
    script: Script, node: exp.Expr, source: Source, required: set[tuple[str, str]]
) -> dict[str, _Column]:
    """What is known of the columns of a hash, by the text of each in lower case."""
    found = {}
    for column in node.find_all(exp.Column):
        table = source_of(column)
        known = isinstance(table, exp.Table) and (table_name(table), column.name.lower()) in required
        found[_name(column)] = _Column(column_type(column, script.scan, source.types), known)
    return found


def _name(column: exp.Column) -> str:
    return f"{column.table}.{column.name}".lower()


def _proposal(
    script: Script, problem: Problem, found: tuple[exp.Expr, exp.Expr], columns: Mapping[str, _Column]
) -> Proposal:
    statement, node = found
    try:
        if _is_tested_for_null(statement, node):
            raise _RefusedError("the statement asks whether the hash is NULL")
        calls = [call for call in hash_calls(script) if call.start == node.meta.get("start")]
        if len(calls) != 1:
            raise _RefusedError("the hash is not found among the words of the script")
        wrapped = [_wrapped(script, operand, columns) for operand in operands(script, calls[0])]
    except _RefusedError as refused:
        return Left("hashes", script.path, problem.line, str(refused), _BY_HAND)
    edits = tuple(edit for wrap in wrapped for edit in wrap.edits)
    names = ", ".join(wrap.text for wrap in wrapped if wrap.text)
    note = "" if all(wrap.contract for wrap in wrapped) else f"; {NOT_ADDED}"
    return Fix("hashes", script.path, problem.line, f"{names}{note}", edits, resolves=(problem,))


def _is_tested_for_null(statement: exp.Expr, node: exp.Expr) -> bool:
    """Whether IS NULL is asked of the hash, or of a column of a query that has its name."""
    alias = node.find_ancestor(exp.Alias)
    name = alias.alias.lower() if alias is not None else ""
    for test in statement.find_all(exp.Is):
        if test.find(type(node)) is not None:
            return True
        for column in test.find_all(exp.Column):
            table = source_of(column)
            if column.name.lower() == name and not (isinstance(table, exp.Table) and table.db):
                return True
    return False


def _wrapped(script: Script, operand: Operand, columns: Mapping[str, _Column]) -> _Wrap:
    """How an operand is wrapped; no edits when it is never NULL."""
    try:
        node = Dialect.get_or_raise(script.scan.dialect).parse(operand.text)[0]
    except SqlglotError:
        node = None
    if node is None:
        raise _RefusedError(f"{operand.shown} is not understood")
    used = {_name(column): columns.get(_name(column)) for column in node.find_all(exp.Column)}
    if all(column is not None and column.required for column in used.values()) or _is_guarded(node):
        return _Wrap()
    if len(used) != 1:
        raise _RefusedError(f"{operand.shown} joins several columns")
    name, column = next(iter(used.items()))
    if column is None or column.type is None:
        raise _RefusedError(f"the DDL does not tell the type of {name.lstrip('.')}")
    return _around(script, operand, node, column.type)


def _is_guarded(node: exp.Expr) -> bool:
    """Whether COALESCE with a literal is around or at the heart of the operand."""
    while isinstance(node, (*_KEPT, exp.Paren, exp.Cast)):
        node = node.this
    return isinstance(node, exp.Literal) or (
        isinstance(node, exp.Coalesce) and any(isinstance(one, exp.Literal) for one in node.expressions)
    )


def _around(script: Script, operand: Operand, node: exp.Expr, kind: str) -> _Wrap:
    if not _is_plain(node):
        raise _RefusedError(f"{operand.shown} is computed from the column")
    start, end = operand.start, operand.end
    if base_type(kind) in _TEXT:
        inner = _trim_inside(script, operand, node)
        start, end = inner or (start, end)
        edits = (script.edit(start, start, "COALESCE("), script.edit(end, end, ", '--')"))
        before, after = script.original(operand.start, start), script.original(end, operand.end)
        text = f"{before}COALESCE({script.original(start, end)}, '--'){after}"
        return _Wrap(edits, text, contract=inner is not None)
    if base_type(kind) not in _NUMBERS:
        raise _RefusedError(f"{operand.shown} is {kind}: the contract has a form for text and for numbers")
    cast = _cast(script, kind) if isinstance(node, exp.Column) else ""
    edits = (script.edit(start, start, "COALESCE("), script.edit(end, end, f"{cast}, '-1')"))
    return _Wrap(edits, f"COALESCE({operand.shown}{cast}, '-1')")


def _is_plain(node: exp.Expr) -> bool:
    """Whether the operand is a column, perhaps trimmed, in another case or cast to text."""
    while not isinstance(node, exp.Column):
        if isinstance(node, exp.Cast):
            if not node.to.is_type(*exp.DataType.TEXT_TYPES):
                return False
        elif not isinstance(node, _KEPT) or (isinstance(node, exp.Trim) and node.args.get("collation")):
            return False
        node = node.this
    return True


def _trim_inside(script: Script, operand: Operand, node: exp.Expr) -> tuple[int, int] | None:
    """Offsets of TRIM(x) in UPPER(TRIM(x)): the contract has COALESCE between the two."""
    if isinstance(node, exp.Upper) and isinstance(node.this, exp.Trim):
        first = script.words[operand.first + 2]
        last = script.words[operand.last - 1]
        if script.word(operand.first + 1) == "(" and script.word(operand.first + 2) == "TRIM":
            return int(first.start), int(last.end) + 1
    return None


def _cast(script: Script, kind: str) -> str:
    """A cast that gives the text that joining gives; varchar(32) would cut a longer number."""
    if script.scan.dialect == "spark":
        raise _RefusedError("a number is joined to text without a cast")
    digits = kind.partition("(")[2].partition(")")[0].partition(",")[0].strip()
    short = base_type(kind) in _WHOLE or (digits.isdigit() and int(digits) <= _SHORT)
    return "::varchar(32)" if short else "::text"
