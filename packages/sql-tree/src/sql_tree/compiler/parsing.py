"""Parses a script: Postgres' own grammar judges scripts for the database, sqlglot gives the tree that is examined."""

import logging
import re
from collections.abc import Iterator

from pglast.parser import ParseError as PostgresError
from pglast.parser import parse_sql_json
from sqlglot import Dialect, exp
from sqlglot.errors import ParseError, SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from sql_tree.compiler.problems import Problem
from sql_tree.compiler.quotes import unclosed_quote
from sql_tree.compiler.scan import Place, Scan

# Clauses that sqlglot 30.30.0 does not read and no check needs; blanks take their place, so that offsets stay.
_UNREAD = re.compile(
    r"\bON\s+COMMIT\s+(?:DROP|DELETE\s+ROWS|PRESERVE\s+ROWS)\b|\bOVERRIDING\s+(?:SYSTEM|USER)\s+VALUE\b",
    re.IGNORECASE,
)
# It takes the ON of ON CONFLICT for the condition of such a join before it.
_WITHOUT_CONDITION = re.compile(
    r"\b(?:CROSS|NATURAL)(?:\s+(?:INNER|LEFT|RIGHT|FULL)(?:\s+OUTER)?)?\s+JOIN\b", re.IGNORECASE
)
_NEAR = re.compile(r' at or near "(.*)"\s*\Z', re.DOTALL)


def parse(found: Scan) -> None:
    """Sets the tokens and statements of a scan; what is wrong becomes a problem of it."""
    refused = _refused_by_postgres(found)
    if refused is not None:
        found.problems.append(refused)
        found.is_valid = False
    try:
        _parse(found)
    except SqlglotError as error:
        if refused is None:
            found.problems.append(_reason(found, error))
        return
    if not found.statements and refused is None:
        found.problem(Place(), "empty-script", "holds no statement; write one or delete the file")


def _refused_by_postgres(found: Scan) -> Problem | None:
    """What the grammar of Postgres itself says of a script for the database."""
    if found.dialect != "postgres":
        return None
    try:
        parse_sql_json(found.bound.text)
    except PostgresError as error:
        message, offset = str(error.args[0]), error.args[1] if len(error.args) > 1 else None
        if not isinstance(offset, int):
            offset = None
        quote = _quote(
            found, offset if message.startswith(("unterminated /*", "unterminated dollar")) else None
        )
        quote = quote or _backtick(found)
        if quote is not None:
            return quote
        at = Place(*found.bound.place(offset)) if offset is not None else Place()
        return found.found(at, "postgres-syntax", f"is not postgres SQL: {_shortened(message)}")
    return None


def _shortened(message: str) -> str:
    """Postgres quotes the text from the error up to the end of a word or string; one line of it is enough."""
    return _NEAR.sub(
        lambda near: f' at or near "{near[1].splitlines()[0][:40] if near[1].strip() else near[1]}"', message
    )


def _quote(found: Scan, offset: int | None = None) -> Problem | None:
    text = found.bound.text
    if offset is None:
        offset = unclosed_quote(text, backslash=found.dialect == "spark")
    if offset is None:
        return None
    if text.startswith("/*", offset):
        what = "comment /*"
    else:
        dollar = re.compile(r"\$\w*\$").match(text, offset)
        what = f"quote {dollar[0] if dollar else text[offset]}"
    message = f"is not {found.dialect} SQL: the {what} is not closed"
    return found.found(Place(*found.bound.place(offset)), "unclosed-quote", message)


def _backtick(found: Scan) -> Problem | None:
    """Names in backticks, which are an operator in Postgres."""
    if found.dialect != "postgres" or "`" not in found.bound.text:
        return None
    try:
        tokens = Dialect.get_or_raise("postgres").tokenize(found.bound.text)
    except SqlglotError:
        return None
    first = next((token.start for token in tokens if token.text == "`"), None)
    if first is None:
        return None
    text = 'is not postgres SQL: ` is an operator there; write names plainly or in "double quotes"'
    return found.found(Place(*found.bound.place(first)), "postgres-syntax", text)


def _parse(found: Scan) -> None:
    dialect = Dialect.get_or_raise(found.dialect)
    text = found.bound.text
    if found.dialect == "postgres":
        text = _UNREAD.sub(_blank, text)
    # sqlglot warns about statements it does not know; each of them becomes a problem
    logging.getLogger("sqlglot").setLevel(logging.ERROR)
    try:
        _parse_text(found, dialect, text)
    except ParseError:
        joined = _WITHOUT_CONDITION.sub(lambda join: ",".ljust(len(join[0])), text)
        if found.dialect != "postgres" or joined == text:
            raise
        _parse_text(found, dialect, joined)


def _parse_text(found: Scan, dialect: Dialect, text: str) -> None:
    found.tokens = dialect.tokenize(text)
    statements: list[exp.Expr] = []
    starts: dict[int, int] = {}
    for chunk in _chunks(found.tokens):
        for statement in dialect.parser().parse(chunk, text):
            if statement is not None and not isinstance(statement, exp.Semicolon):  # a comment at the end
                statements.append(statement)
                starts[id(statement)] = chunk[0].start
    found.statements, found.starts = statements, starts


def _chunks(tokens: list[Token]) -> Iterator[list[Token]]:
    """The tokens of each statement."""
    chunk: list[Token] = []
    for token in tokens:
        if token.token_type != TokenType.SEMICOLON:
            chunk.append(token)
        elif chunk:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _blank(match: re.Match[str]) -> str:
    return re.sub(r"\S", " ", match[0])


def _reason(found: Scan, error: SqlglotError) -> Problem:
    quote = _quote(found) or _backtick(found)
    if quote is not None:
        return quote
    # Postgres accepts it, so that what compiler and Glue job cannot do is said as such
    code, verdict = (
        ("spark-syntax", "is not spark SQL")
        if found.dialect == "spark"
        else ("not-understood", "is postgres SQL that neither the compiler nor the Glue job can read")
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
