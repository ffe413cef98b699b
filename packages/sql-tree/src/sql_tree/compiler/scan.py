"""Reads one script without running it: parsed statements, tokens used, tables read and written, clock use."""

import logging
from dataclasses import dataclass, field

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, SqlglotError
from sqlglot.tokenizer_core import Token

from sql_tree.compiler.clock import clock_uses
from sql_tree.compiler.files import ScriptFile
from sql_tree.compiler.problems import Problem
from sql_tree.compiler.tokens import bind, unknown_tokens, with_env_token

_TRANSACTION = (exp.Commit, exp.Rollback, exp.Transaction)
_PREPARATIONS = (exp.Create, exp.Drop, exp.Analyze, exp.Query)
_CHANGES = (exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.TruncateTable)
_TARGETS = (exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.TruncateTable, exp.Alter, exp.Drop, exp.Create)


@dataclass(slots=True)
class Scan:
    """What was found in a script; table names are `schema.table` in lower case, with the token `{env}` kept.

    `alternatives` are the tables whose rows the script only adds to others: every read of them is the whole of one
    branch of a UNION. `reads` and `writes` map a table to the line of its first use.
    """

    script: ScriptFile
    statements: list[exp.Expr] = field(default_factory=list)
    reads: dict[str, int] = field(default_factory=dict)
    alternatives: set[str] = field(default_factory=set)
    writes: dict[str, int] = field(default_factory=dict)
    local: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)

    def problem(self, line: int, text: str) -> None:
        self.problems.append(Problem(self.script.path, line, text))


def scan(script: ScriptFile, local: frozenset[str] = frozenset()) -> Scan:
    """Read one script; `local` names the temporary tables that earlier scripts of the same table made."""
    found = Scan(script, local=set(local))
    for line, text in unknown_tokens(script.text):
        found.problem(line, text)
    dialect = "spark" if script.layer == "STG" else "postgres"
    try:
        tokens, found.statements = _parsed(bind(script.text), dialect)
    except SqlglotError as error:
        found.problem(*_reason(error, dialect))
        return found
    if not found.statements:
        found.problem(0, "holds no statement; write one or delete the file")
    if not _is_process_control(script):
        for line, name in clock_uses(tokens):
            text = f"uses the clock ({name}); take a token such as {{ETL_START_TIMESTAMP}} instead"
            found.problem(line, text)
    for statement in found.statements:
        _check_kind(found, statement)
        _tables(found, statement)
    return found


def _parsed(text: str, dialect: str) -> tuple[list[Token], list[exp.Expr]]:
    tokens = sqlglot.tokenize(text, read=dialect)
    # sqlglot warns about statements it does not know; each of them becomes a problem
    logging.getLogger("sqlglot").setLevel(logging.ERROR)
    statements = [
        statement
        for statement in sqlglot.parse(text, read=dialect)
        if statement is not None and not isinstance(statement, exp.Semicolon)  # a comment at the end
    ]
    return tokens, statements


def _check_kind(found: Scan, statement: exp.Expr) -> None:
    """Refuses statements that the Glue job refuses: the scripts of a table run in one transaction and change data."""
    kind = statement.key.upper()
    if isinstance(statement, _TRANSACTION):
        found.problem(0, f"{kind} is refused; all scripts of {found.script.table} are one transaction")
    elif found.script.layer in ("STG", "DDL") or isinstance(statement, exp.Command):
        return
    elif not isinstance(statement, _CHANGES + _PREPARATIONS):
        found.problem(0, f"{kind} is not a statement of a table's load; move it to DDL or leave it out")
    elif isinstance(statement, exp.Create | exp.Drop) and not _is_temporary(statement):
        for target in _targets(statement):
            name = _name(target)
            if not name.startswith("pg_temp.") and name not in found.local:
                found.problem(_line(target), f"{kind} of {name} in a load; a table that stays belongs to DDL")


def _is_process_control(script: ScriptFile) -> bool:
    """Whether the script belongs to the ledger, which takes its times from the clock and may use PL/pgSQL."""
    return script.layer == "DDL" and script.table == "DART_PROCESS_CONTROL"


def _reason(error: SqlglotError, dialect: str) -> tuple[int, str]:
    if isinstance(error, ParseError) and error.errors:
        first = error.errors[0]
        near = f" near {first['highlight']!r}" if first.get("highlight") else ""
        return int(first.get("line") or 0), f"is not {dialect} SQL: {first['description']}{near}"
    return 0, f"is not {dialect} SQL: {str(error).splitlines()[0]}"


def _tables(found: Scan, statement: exp.Expr) -> None:
    if isinstance(statement, exp.Command) and not _is_process_control(found.script):
        found.problem(0, f"statement is not understood: {' '.join(statement.sql().split())[:80]}")
    if isinstance(statement, exp.Analyze):
        return
    ctes = {cte.alias.lower() for cte in statement.find_all(exp.CTE)}
    targets = _targets(statement)
    if _is_temporary(statement):
        found.local.update(target.name.lower() for target in targets)
    for table in statement.find_all(exp.Table):
        name = _name(table)
        is_target = any(table is target for target in targets)
        if name.startswith("pg_temp.") or name in found.local or (name in ctes and not is_target):
            continue
        line = _line(table)
        if "." not in name:
            found.problem(
                line, f"table {name} has no schema and is neither a CTE nor a temporary table made before"
            )
        elif is_target:
            found.writes.setdefault(name, line)
        else:
            _read(found, name, table, line)


def _read(found: Scan, name: str, table: exp.Table, line: int) -> None:
    if not _is_branch(table):
        found.alternatives.discard(name)
    elif name not in found.reads:
        found.alternatives.add(name)
    found.reads.setdefault(name, line)


def _is_branch(table: exp.Table) -> bool:
    """Whether the table is the only one that its branch of a UNION reads."""
    select = table.find_ancestor(exp.Select)
    if select is None or not isinstance(select.parent, exp.Union):
        return False
    return len(list(select.find_all(exp.Table))) == 1


def _targets(statement: exp.Expr) -> list[exp.Table]:
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


def _name(table: exp.Table) -> str:
    name = f"{table.db}.{table.name}" if table.db else table.name
    return with_env_token(name.lower())


def _line(node: exp.Expr) -> int:
    return next((int(part.meta["line"]) for part in node.walk() if "line" in part.meta), 0)
