"""What was found in one script: parsed statements, tables read and written, and where each node stands in the text."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from sqlglot import exp
from sqlglot.tokenizer_core import Token

from sql_tree.compiler.files import ScriptFile
from sql_tree.compiler.problems import Problem
from sql_tree.compiler.tokens import Bound, with_env_token

_Node = TypeVar("_Node", bound=exp.Expr)

CHANGES = (exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.TruncateTable)
_TARGETS = (*CHANGES, exp.Alter, exp.Drop, exp.Create)
# what the grammar's refusal of a script makes doubtful
_DOUBTFUL = ("no-schema", "not-understood", "not-a-load", "unknown-column", "value-count", "no-effect")


class Place(NamedTuple):
    """Line and column, from 1; 0 when not known."""

    line: int = 0
    column: int = 0


@dataclass(slots=True)
class Scan:
    """What was found in a script; table names are `schema.table` in lower case, with the token `{env}` kept.

    `alternatives` are the tables whose rows the script only adds to others: every read of them is the whole of one
    branch of a UNION. `reads` and `writes` map a table to the place of its first use, `local` a temporary table to its
    query.
    """

    script: ScriptFile
    bound: Bound
    statements: list[exp.Expr] = field(default_factory=list)
    reads: dict[str, Place] = field(default_factory=dict)
    alternatives: set[str] = field(default_factory=set)
    writes: dict[str, Place] = field(default_factory=dict)
    local: dict[str, exp.Expr | None] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    is_valid: bool = True  # False: the grammar of its dialect refuses it
    tokens: list[Token] = field(default_factory=list, repr=False)
    starts: dict[int, int] = field(
        default_factory=dict, repr=False
    )  # id of a statement: offset of its first token
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
        token, syntax = f"token:{path}:{at.line}", f"syntax:{path}"
        about = {
            "unknown-token": (f"file:{path}", token),
            "postgres-syntax": (f"file:{path}", syntax),
            "unclosed-quote": (f"file:{path}", syntax),
        }.get(code, (f"file:{path}",))
        explained = follows if code == "unknown-token" else (*follows, token)
        if code in _DOUBTFUL:
            explained = (*explained, syntax)
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
        start = self.starts.get(id(node))
        if start is None:
            starts = [int(part.meta["start"]) for part in node.walk() if "start" in part.meta]
            if not starts:
                return Place()
            start = self._begin(node, min(starts))
        return Place(*self.bound.place(start))

    def _begin(self, node: exp.Expr, start: int) -> int:
        """The offset of the word that opens a node whose first known part is at `start`.

        The parser keeps the places of names and literals, not those of CASE, CAST( or the type before a literal.
        """
        if isinstance(node, exp.Alias | exp.Binary | exp.In):
            return self._begin(node.this, start)
        at = bisect_left(self.tokens, start, key=lambda token: token.start)
        before = [token.text.upper() for token in self.tokens[max(at - 8, 0) : at]][::-1]
        if isinstance(node, exp.Case):
            back = before.index("CASE") + 1 if "CASE" in before else 0
        elif isinstance(node, exp.Paren):
            back = int(before[:1] == ["("])
        elif isinstance(node, exp.Cast) and isinstance(node.this, exp.Paren) and before[:2] != ["(", "CAST"]:
            return self._begin(node.this, start)
        elif isinstance(node, exp.Cast | exp.Interval):
            back = _typed(before)
        elif isinstance(node, exp.Func) and before[:1] == ["("] and "start" not in node.meta:
            back = 2
        else:
            back = 0
        return self.tokens[at - back].start if 0 < back <= at else start


def _typed(before: list[str]) -> int:
    """How many words of a cast stand before its value: 0 in `x::type`, 2 in `CAST(x ...)`, the type in `DATE 'x'`."""
    if before[:2] in (["(", "CAST"], ["(", "TRY_CAST"]):
        return 2
    if before[:3] in (["ZONE", "TIME", "WITH"], ["ZONE", "TIME", "WITHOUT"]):
        return 4
    if before[:2] == ["PRECISION", "DOUBLE"]:
        return 2
    return int(bool(before) and (before[0].isidentifier() and before[0] in _TYPES))


_TYPES = {
    "DATE", "TIME", "TIMETZ", "TIMESTAMP", "TIMESTAMPTZ", "INTERVAL", "INT", "INTEGER", "BIGINT", "SMALLINT", "NUMERIC",
    "DECIMAL", "REAL", "FLOAT", "BOOLEAN", "BOOL", "UUID", "JSON", "JSONB", "INT2", "INT4", "INT8",
}  # fmt: skip


def targets(statement: exp.Expr) -> list[exp.Table]:
    """The tables a statement changes; none for a query."""
    if not isinstance(statement, _TARGETS):
        return []
    if isinstance(statement, exp.Create | exp.Drop) and statement.args.get("kind") not in ("TABLE", "VIEW"):
        return []
    this = statement.this.this if isinstance(statement.this, exp.Schema) else statement.this
    named = (this, *(statement.args.get("tables") or ()), *(statement.args.get("expressions") or ()))
    return [table for table in named if isinstance(table, exp.Table)]


def all_targets(scan: Scan, statement: exp.Expr) -> list[exp.Table]:
    """The tables that a statement changes, those of an INSERT, UPDATE or DELETE inside a WITH included."""
    inner = (node for node in scan.every(statement, *CHANGES) if node is not statement)
    return [table for node in (statement, *inner) if not _is_branch_of_merge(node) for table in targets(node)]


def _is_branch_of_merge(node: exp.Expr) -> bool:
    return isinstance(node.parent, exp.When)


def table_name(table: exp.Table) -> str:
    """`schema.table` in lower case, or the name alone when it has no schema."""
    name = f"{table.db}.{table.name}" if table.db else table.name
    return with_env_token(name.lower())
