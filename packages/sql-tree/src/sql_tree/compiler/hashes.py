"""Finds hashes that are NULL as soon as a column is; follows columns through subqueries, CTEs and temporary tables."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from sql_tree.compiler.origins import Base, origins
from sql_tree.compiler.problems import Problem
from sql_tree.compiler.scan import Scan

_HASHES = (exp.MD5, exp.MD5Digest, exp.SHA, exp.SHA1Digest, exp.SHA2, exp.SHA2Digest)
_NAMED_HASHES = {"md5", "sha224", "sha256", "sha384", "sha512", "digest"}
_NAMED_PASS_NULL = {
    "convert_to",
    "convert",
    "initcap",
    "reverse",
    "translate",
    "quote_literal",
    "to_hex",
    "format_number",
}
_PASS_NULL = (
    exp.DPipe, exp.Upper, exp.Lower, exp.Trim, exp.Cast, exp.TryCast, exp.Paren, exp.Substring, exp.Pad, exp.Add,
    exp.Sub, exp.Mul, exp.Div, exp.Replace, exp.ToChar, exp.TimeToStr, exp.Left, exp.Right, exp.RegexpReplace, exp.Initcap,
    exp.TimestampTrunc, exp.DateTrunc, exp.Neg, exp.Abs, exp.Round, exp.Extract, exp.Encode, exp.Translate, exp.Reverse,
)  # fmt: skip
_COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Like, exp.In, exp.Between)


def hash_problems(scan: Scan, statement: exp.Expr, columns: "Columns") -> Iterator[Problem]:
    """Hashes of one statement that a NULL in a column makes NULL."""
    for node in scan.every(statement, *_HASHES, exp.Anonymous):
        hashed = _hashed(node)
        if hashed is None:
            continue
        nullable = _Nullable(scan, columns)
        names = nullable.of(hashed)
        if not names:
            continue
        code, verb = (
            ("null-hash", "are" if len(names) > 1 else "is") if nullable.is_joined else ("null-key", "is")
        )
        text = f"the hash is NULL when {' or '.join(names)} {'is' if len(names) > 1 else verb} NULL"
        yield scan.found(scan.place(_with_schema(node)), code, text)


def _hashed(node: exp.Expr) -> exp.Expr | None:
    """What a function hashes; None when it is no hash."""
    if not isinstance(node, exp.Anonymous):
        return node.this if isinstance(node.this, exp.Expr) else None
    return node.expressions[0] if node.name.lower() in _NAMED_HASHES and node.expressions else None


def _with_schema(node: exp.Expr) -> exp.Expr:
    return node.parent if isinstance(node.parent, exp.Dot) else node


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns that the DDL creates, and those among them that are never NULL."""

    created: Mapping[str, list[str]]
    required: set[tuple[str, str]]


@dataclass(slots=True)
class _Nullable:
    """Decides whether an expression is NULL as soon as one of its columns is; unknown functions are trusted.

    `is_joined` tells whether texts are joined on the way.
    """

    scan: Scan
    known: Columns
    is_joined: bool = False
    _seen: set[int] = field(default_factory=set)

    def of(self, node: exp.Expr) -> list[str]:
        """The columns that make the expression NULL."""
        match node:
            case exp.Column():
                return [node.name.lower()] if self._is_nullable(node) else []
            case exp.Coalesce():
                parts = [self.of(part) for part in (node.this, *node.expressions)]
                return parts[0] if all(parts) else []
            case exp.Nullif():
                return [column.name.lower() for column in node.this.find_all(exp.Column)][:1]
            case exp.Case():
                return self._of_case(node)
            case exp.Concat() | exp.DPipe():
                self.is_joined = True
                # Postgres' CONCAT skips NULL, Spark's does not
                skips = isinstance(node, exp.Concat) and self.scan.dialect != "spark"
                return [] if skips else self._any(node.iter_expressions())
            case exp.Anonymous() if node.name.lower() in _NAMED_PASS_NULL:
                return self._any(node.expressions)
            case _ if isinstance(node, _PASS_NULL):
                return self._any(
                    part for part in node.iter_expressions() if not isinstance(part, exp.DataType)
                )
        return []

    def _of_case(self, node: exp.Case) -> list[str]:
        branches = [branch.args["true"] for branch in node.args["ifs"]]
        default = node.args.get("default")
        if default is None or any(node.find_all(exp.Is)):
            return []
        return self._any([*branches, default])

    def _any(self, nodes: Iterable[exp.Expr]) -> list[str]:
        return list(dict.fromkeys(name for node in nodes for name in self.of(node)))

    def _is_nullable(self, column: exp.Column) -> bool:
        if id(column) in self._seen or _is_filtered(column):
            return False
        self._seen.add(id(column))
        found = origins(column, self.scan)
        if not found:
            return not column.table and self._may_be_any(column)
        return any(
            self._is_optional(origin) if isinstance(origin, Base) else bool(self.of(origin))
            for origin in found
        )

    def _is_optional(self, origin: Base) -> bool:
        table, name = origin
        return name in self.known.created.get(table, [name]) and (table, name) not in self.known.required

    def _may_be_any(self, column: exp.Column) -> bool:
        """Whether a column without alias is one of the database tables that its statement joins."""
        select = column.find_ancestor(exp.Select)
        tables = list(select.find_all(exp.Table)) if select is not None else []
        names = [f"{table.db}.{table.name}".lower() for table in tables if table.db]
        found = [name for name in names if column.name.lower() in self.known.created.get(name, ())]
        return bool(found) and all((name, column.name.lower()) not in self.known.required for name in found)


def _is_filtered(column: exp.Column) -> bool:
    """Whether its SELECT drops the rows in which the column is NULL."""
    select = column.find_ancestor(exp.Select)
    where = select.args.get("where") if select is not None else None
    if where is None or column.find_ancestor(exp.Where) is where:
        return False
    conditions = where.this.flatten() if isinstance(where.this, exp.And) else [where.this]
    return any(_drops_null(condition, column) for condition in conditions)


def _drops_null(condition: exp.Expr, column: exp.Column) -> bool:
    if isinstance(condition, exp.Is):
        return bool(condition.args.get("negate")) and condition.this == column
    sides = (condition.this, condition.args.get("expression"))
    return isinstance(condition, _COMPARISONS) and any(side == column for side in sides)
