"""Maps operation code U to UN: in staging where the code is made, in the vault where it is compared."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from sqlglot import exp

from sql_tree.compiler.problems import Problem
from sql_tree.compiler.scan import Place, Scan
from sql_tree.fixing.edits import Edit, Fix, Left, Proposal
from sql_tree.fixing.operation_map import MAPPED, operation_map
from sql_tree.fixing.source import Source
from sql_tree.fixing.words import Script, end_of

_CODE = "cdc_oper_cd"
_BY_HAND = "write CASE WHEN op = 'U' THEN 'UN' ELSE COALESCE(op, 'I') END AS cdc_oper_cd"
_COMPARE = "compare cdc_oper_cd with 'UN' once staging maps it"


def operation_fixes(source: Source) -> Iterator[Proposal]:
    """Staging first: a comparison in the vault changes only when what it reads is mapped."""
    staged: list[Proposal] = []
    raw: set[str] = set()
    for script, problem in _found(source, "STG"):
        fix = _staging_fix(script, problem)
        staged.append(fix)
        if isinstance(fix, Left):
            raw.add(script.scan.script.table)
    rendered = {
        scan.script.table
        for scan in source.scans
        if scan.script.layer == "STG" and source.snapshot.is_rendered(scan.script.path)
    }
    raw |= {table for table in rendered if _is_raw(table, source)}
    yield from staged
    needs = frozenset(fix.path for fix in staged)
    for script, problem in _found(source, "EDV", "DM", "CAR_DM"):
        for proposal in _comparison(script, problem, _unmapped(script.scan, raw, source)):
            yield replace(proposal, needs=needs) if isinstance(proposal, Fix) else proposal


def _found(source: Source, *layers: str) -> Iterator[tuple[Script, Problem]]:
    problems = [finding.problem for finding in source.open("unmapped-operation")]
    for scan in source.editable:
        path = scan.script.path
        if scan.script.layer in layers and not source.snapshot.is_rendered(path):
            script = Script(scan, source.files[path])
            yield from ((script, problem) for problem in problems if problem.file == path)


def _is_raw(table: str, source: Source) -> bool:
    prefix = f"STG/{table}/"
    return any(
        finding.problem.code == "unmapped-operation" and finding.problem.file.upper().startswith(prefix)
        for finding in source.found.found
    )


def _unmapped(scan: Scan, raw: Iterable[str], source: Source) -> str:
    """Why the staging tables that the scripts of a table read may hold U; '' when they hold UN."""
    table = (scan.script.layer, scan.script.table)
    reads = {
        name for one in source.scans if (one.script.layer, one.script.table) == table for name in one.reads
    }
    staging = {name.partition(".")[2].upper() for name in reads if name.startswith("cars_stg.")}
    if not staging:
        return "its scripts read no staging table, so it is not known which codes the column holds"
    known = {one.script.table for one in source.editable if one.script.layer == "STG"}
    lost = {one.script.table for one in source.scans if one.script.path in source.unread}
    doubtful = sorted((staging - known) | (staging & set(raw)) | (staging & lost))
    return f"staging of {', '.join(doubtful)} does not map U to UN, as far as can be seen" if doubtful else ""


def _staging_fix(script: Script, problem: Problem) -> Proposal:
    selected = _selected(script.scan, problem)
    if selected is None:
        return _left(problem, "its expression is not found", _BY_HAND)
    value = selected.unalias()
    if isinstance(value, exp.Literal):
        if value.is_string and value.name == "U":
            return _fix(script, problem, [_literal(script, value)], "'U' -> 'UN'")
        return _left(problem, f"{value.sql()} is not U", _BY_HAND)
    edits = _mapped(script, value) if isinstance(value, exp.Column) else _coalesced(script, value)
    if edits is not None:
        return _fix(
            script, problem, edits, f"{value.sql(script.scan.dialect)} -> CASE WHEN ... = 'U' THEN 'UN'"
        )
    if isinstance(value, exp.Case):
        return _case(script, problem, value)
    return _left(problem, f"{value.sql(script.scan.dialect)} is computed from the code", _BY_HAND)


def _selected(scan: Scan, problem: Problem) -> exp.Expr | None:
    for statement in scan.statements:
        for select in statement.find_all(exp.Select):
            for selected in select.selects:
                at = scan.place(selected)
                if selected.alias_or_name.lower() == _CODE and at == Place(problem.line, problem.column):
                    return selected
    return None


def _fix(script: Script, problem: Problem, edits: Iterable[Edit], text: str) -> Fix:
    return Fix("operations", script.path, problem.line, text, tuple(edits), resolves=(problem,))


def _left(problem: Problem, reason: str, instead: str) -> Left:
    return Left("operations", problem.file, problem.line, reason, instead)


def _bounds(node: exp.Expr) -> tuple[int, int]:
    marks = [part.meta for part in node.walk() if "start" in part.meta]
    return min(int(mark["start"]) for mark in marks), max(int(mark["end"]) for mark in marks) + 1


def _literal(script: Script, value: exp.Expr) -> Edit:
    start, end = _bounds(value)
    return script.edit(start, end, "'UN'")


def _mapped(script: Script, column: exp.Column) -> list[Edit] | None:
    """Edits around a column `op` as it was captured."""
    if column.name.lower() != "op":
        return None
    start, end = _bounds(column)
    written = script.original(start, end)
    opened = f"CASE WHEN {written} = 'U' THEN 'UN' ELSE COALESCE("
    return [script.edit(start, start, opened), script.edit(end, end, ", 'I') END")]


def _coalesced(script: Script, value: exp.Expr) -> list[Edit] | None:
    """Edits around COALESCE(op, 'I')."""
    if not isinstance(value, exp.Coalesce) or not isinstance(value.this, exp.Column):
        return None
    rest = [(one.name, isinstance(one, exp.Literal)) for one in value.expressions]
    start, _ = _bounds(value.this)
    at = next(at for at, word in enumerate(script.words) if word.start == start)
    if rest != [("I", True)] or value.this.name.lower() != "op" or script.word(at - 2) != "COALESCE":
        return None
    close = script.closing(at - 1)
    written = script.original(*_bounds(value.this))
    first = int(script.words[at - 2].start)
    last = end_of(script.words[close])
    opened = f"CASE WHEN {written} = 'U' THEN 'UN' ELSE "
    return [script.edit(first, first, opened), script.edit(last, last, " END")]


def _case(script: Script, problem: Problem, case: exp.Case) -> Proposal:
    """Results 'U' of a CASE become 'UN', when each code is then mapped as the contract says."""
    branches = [branch.args["true"] for branch in case.args["ifs"]]
    default = case.args.get("default")
    results = [one for one in (*branches, default) if isinstance(one, exp.Literal) and one.name == "U"]
    changed = case.copy()
    for branch in (*(branch.args["true"] for branch in changed.args["ifs"]), changed.args.get("default")):
        if isinstance(branch, exp.Literal) and branch.name == "U":
            branch.replace(exp.Literal.string("UN"))
    if not results or operation_map(changed) not in MAPPED:
        return _left(problem, "its CASE maps the codes in another way", _BY_HAND)
    return _fix(script, problem, [_literal(script, one) for one in results], "THEN 'U' -> THEN 'UN'")


def _comparison(script: Script, problem: Problem, doubt: str) -> Iterator[Proposal]:
    for statement in script.scan.statements:
        for node in script.scan.every(statement, exp.EQ, exp.NEQ, exp.In):
            if script.scan.place(node) != Place(problem.line, problem.column):
                continue
            if not isinstance(node.this, exp.Column) or node.this.name.lower() != _CODE:
                continue
            yield _compared(script, problem, node, doubt)
            return


def _compared(script: Script, problem: Problem, node: exp.Expr, doubt: str) -> Proposal:
    values = node.expressions if isinstance(node, exp.In) else [node.expression]
    wrong = [value for value in values if value.is_string and value.name.strip() not in ("I", "UN", "D")]
    others = sorted({value.name for value in wrong} - {"U"})
    if others:
        return _left(
            problem, f"{', '.join(map(repr, others))} is no code that change capture sends", _COMPARE
        )
    if node.arg_key == "expressions" and isinstance(node.parent, exp.Update | exp.OnConflict):
        return _left(
            problem, "it sets the code of a table that holds rows already", "set 'UN' and correct them"
        )
    if doubt:
        return _left(problem, doubt, _COMPARE)
    if any(value.is_string and value.name.strip() == "UN" for value in values):
        return _left(problem, "the list holds 'UN' already", "delete 'U' from it")
    return _fix(script, problem, [_literal(script, value) for value in wrong], "'U' -> 'UN'")
