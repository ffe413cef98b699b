"""Reads one script without running it: parsed statements, tokens used, tables read and written, clock use."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from pglast.parser import ParseError as PostgresError
from pglast.parser import parse_sql_json
from sqlglot import Dialect, exp
from sqlglot.errors import ParseError, SqlglotError
from sqlglot.tokenizer_core import Token

from sql_tree.compiler.clock import clock_uses
from sql_tree.compiler.files import ScriptFile
from sql_tree.compiler.problems import Problem
from sql_tree.compiler.quotes import unclosed_quote
from sql_tree.compiler.tokens import Bound, bind, place, unknown_tokens, with_env_token

_Node = TypeVar("_Node", bound=exp.Expr)

_TRANSACTION = (exp.Commit, exp.Rollback, exp.Transaction)
_PREPARATIONS = (exp.Create, exp.Drop, exp.Analyze, exp.Query)
_CHANGES = (exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.TruncateTable)
_TARGETS = (exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.TruncateTable, exp.Alter, exp.Drop, exp.Create)


class Place(NamedTuple):
    """Line and column, from 1; 0 when not known."""

    line: int = 0
    column: int = 0


@dataclass(slots=True)
class Scan:
    """What was found in a script; table names are `schema.table` in lower case, with the token `{env}` kept.

    `alternatives` are the tables whose rows the script only adds to others: every read of them is the whole of one
    branch of a UNION. `reads` and `writes` map a table to the place of its first use.
    """

    script: ScriptFile
    bound: Bound
    statements: list[exp.Expr] = field(default_factory=list)
    reads: dict[str, Place] = field(default_factory=dict)
    alternatives: set[str] = field(default_factory=set)
    writes: dict[str, Place] = field(default_factory=dict)
    local: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    is_valid: bool = True  # False: the grammar of its dialect refuses it
    _nodes: dict[int, list[exp.Expr]] = field(default_factory=dict, repr=False)

    @property
    def dialect(self) -> str:
        return "spark" if self.script.layer == "STG" else "postgres"

    def problem(self, at: Place, code: str, text: str) -> None:
        self.problems.append(self.found(at, code, text))

    def found(self, at: Place, code: str, text: str, follows: tuple[str, ...] = ()) -> Problem:
        """A problem of this script."""
        path = self.script.path
        # the sample value of an unknown token may not fit where it stands
        token = f"token:{path}:{at.line}"
        about = (f"file:{path}", token) if code == "unknown-token" else (f"file:{path}",)
        explained = follows if code == "unknown-token" else (*follows, token)
        return Problem(path, at.line, text, code, at.column, about, explained)

    def every(self, statement: exp.Expr, *kinds: type[_Node]) -> Iterator[_Node]:
        """Every node of these kinds in one of the statements, which is walked only once."""
        nodes = self._nodes.get(id(statement))
        if nodes is None:
            nodes = self._nodes[id(statement)] = list(statement.walk())
        return (node for node in nodes if isinstance(node, kinds))

    def original(self, node: exp.Expr) -> str:
        """The literal of a node as the script has it, tokens included."""
        start, end = node.meta.get("start"), node.meta.get("end")
        if start is None or end is None:
            return node.sql()
        return self.bound.original_part(int(start), int(end) + 1)

    def place(self, node: exp.Expr) -> Place:
        """Where a node begins."""
        starts = [int(part.meta["start"]) for part in node.walk() if "start" in part.meta]
        return Place(*self.bound.place(min(starts))) if starts else Place()


def scan(script: ScriptFile, local: frozenset[str] = frozenset()) -> Scan:
    """Read one script; `local` names the temporary tables that earlier scripts of the same table made."""
    found = Scan(script, bind(script.text), local=set(local))
    for offset, text in unknown_tokens(script.text):
        found.problem(Place(*place(script.text, offset)), "unknown-token", text)
    refused = _refused_by_postgres(found)
    if refused is not None:
        found.problems.append(refused)
        found.is_valid = False
    try:
        tokens = _parse(found)
    except SqlglotError as error:
        if refused is None:
            found.problems.append(_reason(found, error))
        return found
    if not found.statements and refused is None:
        found.problem(Place(), "empty-script", "holds no statement; write one or delete the file")
    if not _is_process_control(script):
        for offset, name in clock_uses(tokens):
            text = f"uses the clock ({name}); take a token such as {{ETL_START_TIMESTAMP}} instead"
            found.problem(Place(*found.bound.place(offset)), "clock", text)
    for statement in found.statements:
        _check_kind(found, statement)
        _tables(found, statement)
    return found


def _refused_by_postgres(found: Scan) -> Problem | None:
    """What the grammar of Postgres itself says of a script for the database."""
    if found.dialect != "postgres":
        return None
    try:
        parse_sql_json(found.bound.text)
    except PostgresError as error:
        message, offset = str(error.args[0]), error.args[1] if len(error.args) > 1 else None
        quote = _quote(found)
        if quote is not None:
            return quote
        at = Place(*found.bound.place(offset)) if isinstance(offset, int) else Place()
        return found.found(at, "postgres-syntax", f"is not postgres SQL: {message}")
    return None


def _quote(found: Scan) -> Problem | None:
    offset = unclosed_quote(found.bound.text, backslash=found.dialect == "spark")
    if offset is None:
        return None
    quote = found.bound.text[offset]
    text = f"is not {found.dialect} SQL: the quote {quote} is not closed"
    return found.found(Place(*found.bound.place(offset)), "unclosed-quote", text)


def _parse(found: Scan) -> list[Token]:
    dialect = Dialect.get_or_raise(found.dialect)
    tokens = dialect.tokenize(found.bound.text)
    # sqlglot warns about statements it does not know; each of them becomes a problem
    logging.getLogger("sqlglot").setLevel(logging.ERROR)
    found.statements = [
        statement
        for statement in dialect.parser().parse(tokens, found.bound.text)
        if statement is not None and not isinstance(statement, exp.Semicolon)  # a comment at the end
    ]
    return tokens


def _reason(found: Scan, error: SqlglotError) -> Problem:
    quote = _quote(found)
    if quote is not None:
        return quote
    # Postgres accepts it, so that what the compiler cannot do is said as such
    code, verdict = (
        ("spark-syntax", "is not spark SQL")
        if found.dialect == "spark"
        else ("not-understood", "is postgres SQL that the compiler cannot read")
    )
    if isinstance(error, ParseError) and error.errors:
        first = error.errors[0]
        highlight = str(first.get("highlight") or "")
        near = f" near {highlight!r}" if highlight else ""
        at = _place_of(found, int(first.get("line") or 0), int(first.get("col") or 0) - len(highlight))
        return found.found(at, code, f"{verdict}: {first['description']}{near}")
    return found.found(Place(), code, f"{verdict}: {str(error).splitlines()[0]}")


def _place_of(found: Scan, line: int, column: int) -> Place:
    """The place in the script of a line (from 1) and a column (from 0) of its bound text."""
    if not line:
        return Place()
    before = "\n".join(found.bound.text.split("\n")[: line - 1])
    return Place(*found.bound.place(len(before) + (line > 1) + max(column, 0)))


def _check_kind(found: Scan, statement: exp.Expr) -> None:
    """Refuses statements that the Glue job refuses: the scripts of a table run in one transaction and change data."""
    kind = statement.key.upper()
    if isinstance(statement, _TRANSACTION):
        text = f"{kind} is refused; all scripts of {found.script.table} are one transaction"
        found.problem(found.place(statement), "transaction", text)
    elif found.script.layer in ("STG", "DDL") or isinstance(statement, exp.Command) or not found.is_valid:
        return
    elif not isinstance(statement, _CHANGES + _PREPARATIONS):
        text = f"{kind} is not a statement of a table's load; move it to DDL or leave it out"
        found.problem(found.place(statement), "not-a-load", text)
    elif isinstance(statement, exp.Create | exp.Drop) and not _is_temporary(statement):
        for target in targets(statement):
            name = table_name(target)
            if not name.startswith("pg_temp.") and name not in found.local:
                text = f"{kind} of {name} in a load; a table that stays belongs to DDL"
                found.problem(found.place(target), "not-a-load", text)


def _is_process_control(script: ScriptFile) -> bool:
    """Whether the script belongs to the ledger, which takes its times from the clock and may use PL/pgSQL."""
    return script.layer == "DDL" and script.table == "DART_PROCESS_CONTROL"


def _tables(found: Scan, statement: exp.Expr) -> None:
    if isinstance(statement, exp.Command) and found.is_valid and not _is_process_control(found.script):
        text = f"statement is not understood: {' '.join(statement.sql().split())[:80]}"
        found.problem(found.place(statement), "not-understood", text)
    if isinstance(statement, exp.Analyze):
        return
    ctes = {cte.alias.lower() for cte in found.every(statement, exp.CTE)}
    changed = targets(statement)
    if _is_temporary(statement):
        found.local.update(target.name.lower() for target in changed)
    for table in found.every(statement, exp.Table):
        if not isinstance(table.this, exp.Identifier):
            continue  # a function such as generate_series
        name = table_name(table)
        is_target = any(table is target for target in changed)
        if name.startswith("pg_temp.") or name in found.local or (name in ctes and not is_target):
            continue
        at = found.place(table)
        if "." not in name:
            text = f"table {name} has no schema and is neither a CTE nor a temporary table made before"
            found.problem(at, "no-schema", text)
        elif is_target:
            found.writes.setdefault(name, at)
        else:
            _read(found, name, table, at)


def _read(found: Scan, name: str, table: exp.Table, at: Place) -> None:
    if not _is_branch(table):
        found.alternatives.discard(name)
    elif name not in found.reads:
        found.alternatives.add(name)
    found.reads.setdefault(name, at)


def _is_branch(table: exp.Table) -> bool:
    """Whether the table is the only one that its branch of a UNION reads."""
    select = table.find_ancestor(exp.Select)
    if select is None or not isinstance(select.parent, exp.Union):
        return False
    return len(list(select.find_all(exp.Table))) == 1


def targets(statement: exp.Expr) -> list[exp.Table]:
    """The tables a statement changes; none for a query."""
    if not isinstance(statement, _TARGETS):
        return []
    if isinstance(statement, exp.Create | exp.Drop) and statement.args.get("kind") not in ("TABLE", "VIEW"):
        return []
    this = statement.this.this if isinstance(statement.this, exp.Schema) else statement.this
    named = (this, *(statement.args.get("tables") or ()), *(statement.args.get("expressions") or ()))
    return [table for table in named if isinstance(table, exp.Table)]


def _is_temporary(statement: exp.Expr) -> bool:
    return isinstance(statement, exp.Create) and statement.find(exp.TemporaryProperty) is not None


def table_name(table: exp.Table) -> str:
    """`schema.table` in lower case, or the name alone when it has no schema."""
    name = f"{table.db}.{table.name}" if table.db else table.name
    return with_env_token(name.lower())
