"""The statements of a Postgres script: a parser splits and checks them before any is sent. Runs nothing."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from datamart_exec import replay
from datamart_exec.errors import DatamartError

DIALECT = "postgres"
TRANSACTION = (exp.Commit, exp.Rollback, exp.Transaction)
DATA_CHANGES = (exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.TruncateTable)
PREPARATIONS = (exp.Create, exp.Drop, exp.Analyze, exp.Query)

# sqlglot 30.30.0 does not parse these clauses; without them the checks find the same
UNREAD = re.compile(
    r"\bON\s+COMMIT\s+(?:DROP|DELETE\s+ROWS|PRESERVE\s+ROWS)\b|\bOVERRIDING\s+(?:SYSTEM|USER)\s+VALUE\b",
    re.IGNORECASE,
)
# it takes the ON of ON CONFLICT for the condition of such a join before it; a comma is no join with a condition
WITHOUT_CONDITION = re.compile(
    r"\b(?:CROSS|NATURAL)(?:\s+(?:INNER|LEFT|RIGHT|FULL)(?:\s+OUTER)?)?\s+JOIN\b", re.IGNORECASE
)

# sqlglot logs a warning for a statement that it keeps unparsed; the checks below decide about such a statement
logging.getLogger("sqlglot").setLevel(logging.ERROR)


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement: its script, its number there from 1, its first line, its text as written."""

    script: str
    number: int
    line: int
    text: str
    changes_rows: bool

    @property
    def place(self) -> str:
        return f"{self.script}, statement {self.number} (line {self.line})"


def split(script: str, text: str, *, ddl: bool = False) -> list[Statement]:
    """Split a script into statements and check each. An error names script and line.

    A table's load must not control the transaction (the table is one transaction), read the wall clock or random values (a
    replay would load something else) or hold statements that load no data. DDL must only not control the transaction.
    """
    statements = [
        _checked(script, number, *part, ddl=ddl) for number, part in enumerate(_parts(script, text), 1)
    ]
    if not statements:
        raise DatamartError(f"{script} holds no statement; delete the file or write one")
    return statements


def _parts(script: str, text: str) -> Iterator[tuple[int, str]]:
    """Line and text of each statement; two semicolons with no token between them make no statement."""
    try:
        tokens = sqlglot.tokenize(text, read=DIALECT)
    except SqlglotError as error:
        raise DatamartError(f"{script} cannot be parsed as Postgres SQL: {_first_line(error)}") from error
    part: list[Token] = []
    for token in tokens:
        if token.token_type != TokenType.SEMICOLON:
            part.append(token)
        elif part:
            yield part[0].line, text[part[0].start : part[-1].end + 1]
            part = []
    if part:
        yield part[0].line, text[part[0].start : part[-1].end + 1]


def _checked(script: str, number: int, line: int, text: str, *, ddl: bool) -> Statement:
    where = f"{script}, statement {number} (line {line})"
    try:
        tree = _tree(UNREAD.sub("", text))
    except SqlglotError as error:
        raise DatamartError(f"{where} cannot be parsed as Postgres SQL: {_first_line(error)}") from error
    if isinstance(tree, TRANSACTION):
        raise DatamartError(
            f"{where}: {text.split()[0].upper()} is refused, the whole table is one transaction"
        )
    if not ddl:
        _require_data(where, tree, text)
    return Statement(script, number, line, text, isinstance(tree, DATA_CHANGES))


def _tree(text: str) -> exp.Expr:
    try:
        return sqlglot.parse_one(text, read=DIALECT)
    except SqlglotError:
        joined = WITHOUT_CONDITION.sub(",", text)
        if joined == text:
            raise
        return sqlglot.parse_one(joined, read=DIALECT)


def _require_data(where: str, tree: exp.Expr, text: str) -> None:
    if not isinstance(tree, DATA_CHANGES + PREPARATIONS):
        raise DatamartError(
            f"{where}: {text.split()[0].upper()} is not a statement of a table's load; move it to the DDL layer"
        )
    if difference := replay.difference(tree, sqlglot.tokenize(text, read=DIALECT)):
        raise DatamartError(f"{where}: {difference}")


def _first_line(error: SqlglotError) -> str:
    """The parser's message without the excerpt of the script after it."""
    return str(error).splitlines()[0].strip()
