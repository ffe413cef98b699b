"""Spellings: rewrites functions of Spark that are another spelling of a construct, and restores formats as written.

The parser keeps formats in its own notation, in which some of Spark's letters look alike; the script's text decides.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import exp
from sqlglot.dialects.spark import Spark
from sqlglot.tokenizer_core import Token, TokenType

FORMATTED = (exp.StrToTime, exp.TimeToStr, exp.TsOrDsToDate)
DATE_PARTS: dict[str, type[exp.Func]] = {
    "YEAR": exp.Year,
    "QUARTER": exp.Quarter,
    "MONTH": exp.Month,
    "DAY": exp.Day,
    "HOUR": exp.Hour,
    "MINUTE": exp.Minute,
}
INT_MAX, BIGINT_MAX = 2**31 - 1, 2**63 - 1


def unify(tree: exp.Query, text: str) -> None:
    """Rewrite the tree of a script in place. A node's `meta` gets its place, and a call the name that is written."""
    tokens: list[Token] = []
    for node in list(tree.walk()):
        if "start" in node.meta:
            first, last = node.meta["start"], node.meta["end"]
            node.meta["place"] = (node.meta["line"], node.meta["col"] - (last - first))
            node.meta["written"] = text[first : last + 1].upper()
        if isinstance(node, FORMATTED) and node.args.get("format") and "start" in node.meta:
            tokens = tokens or Spark().tokenize(text)
            _restore_format(node, tokens)
    for node in reversed(list(tree.walk())):
        other = _unified(node)
        if other is not None:
            if "place" in node.meta:
                other.meta["place"] = node.meta["place"]
            node.replace(other)


def _restore_format(node: exp.Expr, tokens: Sequence[Token]) -> None:
    """Set the format to the last string of the call."""
    first = next(index for index, token in enumerate(tokens) if token.start == node.meta["start"])
    depth, written = 0, None
    for token in tokens[first + 1 :]:
        depth += {TokenType.L_PAREN: 1, TokenType.R_PAREN: -1}.get(token.token_type, 0)
        if token.token_type == TokenType.STRING and depth == 1:
            written = token.text
        if depth == 0:
            break
    if written is not None:
        node.set("format", exp.Literal.string(written))


def _unified(node: exp.Expr) -> exp.Expr | None:
    if isinstance(node, exp.Anonymous):
        rewrite = ANONYMOUS.get((node.name.upper(), len(node.expressions)))
        return rewrite(*(each.copy() for each in node.expressions)) if rewrite else None
    return NODES[type(node)](node) if type(node) in NODES else None


def _decode(node: exp.Expr) -> exp.Expr:
    """DECODE finds NULL too, unlike CASE x WHEN. Without a default all its results become texts."""
    value, *rest = node.expressions
    case = exp.Case()
    for search, result in zip(rest[::2], rest[1::2], strict=False):
        case.append(
            "ifs",
            exp.If(this=exp.NullSafeEQ(this=value.copy(), expression=search.copy()), true=result.copy()),
        )
    case.set("default", rest[-1].copy() if len(rest) % 2 else exp.cast(exp.null(), "STRING"))
    return case


def _nvl2(node: exp.Expr) -> exp.Expr:
    case = exp.Case(default=node.args["false"].copy())
    case.append("ifs", exp.If(this=_not_null(node.this.copy()), true=node.args["true"].copy()))
    return case


def _extract(node: exp.Expr) -> exp.Expr | None:
    return _date_part(node.this, node.expression)


def _date_part(part: exp.Expr, value: exp.Expr) -> exp.Expr | None:
    function = DATE_PARTS.get(part.name.upper())
    return function(this=value.copy()) if function else None


def _ilike(node: exp.Expr) -> exp.Expr | None:
    pattern = node.expression
    if not pattern.is_string or not pattern.name.isascii():
        return None
    return exp.Like(
        this=exp.Lower(this=node.this.copy()),
        expression=exp.Literal.string(pattern.name.lower()),
        negate=node.args.get("negate"),
    )


def _literal(node: exp.Expr) -> exp.Expr | None:
    """A whole number beyond INT is a BIGINT in Spark."""
    typed = isinstance(node.parent, (exp.Cast, exp.TryCast, exp.DataTypeParam, exp.Neg))
    if node.is_string or not node.is_int or typed or not INT_MAX < int(node.name) <= BIGINT_MAX:
        return None
    return exp.cast(node.copy(), "BIGINT")


def _is_null(value: exp.Expr) -> exp.Expr:
    return exp.Is(this=value, expression=exp.null())


def _not_null(value: exp.Expr) -> exp.Expr:
    return exp.Not(this=_is_null(value))


ANONYMOUS: dict[tuple[str, int], Callable[..., exp.Expr | None]] = {
    ("ISNULL", 1): _is_null,
    ("ISNOTNULL", 1): _not_null,
    ("BTRIM", 1): lambda this: exp.Trim(this=this),
    ("BTRIM", 2): lambda this, characters: exp.Trim(this=this, expression=characters, position="BOTH"),
    ("EVERY", 1): lambda this: exp.LogicalAnd(this=this),
    ("SOME", 1): lambda this: exp.LogicalOr(this=this),
    ("MAKE_DATE", 3): lambda year, month, day: exp.DateFromParts(year=year, month=month, day=day),
    ("DATE_PART", 2): _date_part,
    ("DATEPART", 2): _date_part,
}
NODES: dict[type[exp.Expr], Callable[[exp.Expr], exp.Expr | None]] = {
    exp.DecodeCase: _decode,
    exp.Nvl2: _nvl2,
    exp.Extract: _extract,
    exp.ILike: _ilike,
    exp.Literal: _literal,
    exp.RespectNulls: lambda node: node.this.copy(),
    exp.TimeStrToTime: lambda node: node.this.copy(),
}
