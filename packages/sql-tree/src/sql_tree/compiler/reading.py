"""Reads one script without running it: tokens, statements and their kinds, tables read and written, clock use."""

from collections.abc import Mapping

from sqlglot import exp

from sql_tree.compiler.clock import clock_uses
from sql_tree.compiler.files import ScriptFile
from sql_tree.compiler.parsing import parse
from sql_tree.compiler.scan import CHANGES, Place, Scan, all_targets, table_name, targets
from sql_tree.compiler.tokens import bind, place, unknown_tokens

_PREPARATIONS = (exp.Create, exp.Drop, exp.Analyze, exp.Query)
_TRANSACTION = {"BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE"}
_PROCEDURAL = {"DO", "CALL", "EXECUTE"}


def scan(script: ScriptFile, local: Mapping[str, exp.Expr | None] | None = None) -> Scan:
    """Read one script; `local` are the temporary tables that earlier scripts of the same table made."""
    found = Scan(script, bind(script.text), local=dict(local or {}))
    for offset, text in unknown_tokens(script.text):
        found.problem(Place(*place(script.text, offset)), "unknown-token", text)
    parse(found)
    if not _is_process_control(script):
        for offset, name in clock_uses(found.tokens):
            text = f"uses the clock ({name}); take a token such as {{ETL_START_TIMESTAMP}} instead"
            found.problem(Place(*found.bound.place(offset)), "clock", text)
    for statement in found.statements:
        if _is_load(found, statement):
            _tables(found, statement)
    return found


def _is_load(found: Scan, statement: exp.Expr) -> bool:
    """Whether the tables of a statement count; refuses statements that the Glue job refuses.

    The scripts of a table run in one transaction and change data.
    """
    word, shown = _first_words(found, statement)
    at = found.place(statement)
    if word in _TRANSACTION:
        text = f"{shown} is refused; all scripts of {found.script.table} are one transaction"
        found.problem(at, "transaction", text)
        return False
    if found.script.layer == "STG":
        return True
    if isinstance(statement, CHANGES + _PREPARATIONS):
        if found.script.layer != "DDL":
            _check_created(found, statement)
        return True
    if found.script.layer != "DDL" and word in _PROCEDURAL:
        text = f"{word} runs code, of which the compiler does not know what it reads and writes; the Glue job refuses it"
        found.problem(at, "not-understood", text)
    elif found.script.layer != "DDL":
        text = f"{shown} is not a statement of a table's load; move it to DDL or leave it out"
        found.problem(at, "not-a-load", text)
    return found.script.layer == "DDL" and isinstance(statement, exp.Alter)


def _first_words(found: Scan, statement: exp.Expr) -> tuple[str, str]:
    """The first word of a statement in upper case, and how to name the statement."""
    start = found.starts[id(statement)]
    words = found.bound.text[start : start + 80].split()
    first = words[0].upper().rstrip(";") if words else ""
    return first, "START TRANSACTION" if first == "START" else first


def _check_created(found: Scan, statement: exp.Expr) -> None:
    """Refuses tables that a load makes or drops and that are not temporary."""
    if isinstance(statement, exp.Create | exp.Drop) and not _is_temporary(statement):
        for target in targets(statement):
            name = table_name(target)
            if not name.startswith("pg_temp.") and name not in found.local:
                text = f"{statement.key.upper()} of {name} in a load; a table that stays belongs to DDL"
                found.problem(found.place(target), "not-a-load", text)
    into = statement.args.get("into") if isinstance(statement, exp.Select) else None
    if into is None or not isinstance(into.this, exp.Table):
        return
    if into.args.get("temporary"):
        found.local[into.this.name.lower()] = statement
    else:
        text = f"SELECT INTO makes {table_name(into.this)} in a load; a table that stays belongs to DDL"
        found.problem(found.place(into.this), "not-a-load", text)


def _is_process_control(script: ScriptFile) -> bool:
    """Whether the script belongs to the ledger, which takes its times from the clock and may use PL/pgSQL."""
    return script.layer == "DDL" and script.table == "DART_PROCESS_CONTROL"


def _tables(found: Scan, statement: exp.Expr) -> None:
    if isinstance(statement, exp.Analyze):
        return
    ctes = {cte.alias.lower() for cte in found.every(statement, exp.CTE)}
    changed = all_targets(found, statement)
    if _is_temporary(statement):
        query = statement.args.get("expression")
        found.local.update((target.name.lower(), query) for target in changed)
    for table in found.every(statement, exp.Table):
        if not isinstance(table.this, exp.Identifier) or isinstance(table.parent, exp.Into):
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


def _is_temporary(statement: exp.Expr) -> bool:
    return isinstance(statement, exp.Create) and statement.find(exp.TemporaryProperty) is not None
