"""Finds where a script reads the clock: functions, keywords and literals such as `'today'::date`."""

from collections.abc import Iterator

from sqlglot.tokenizer_core import Token, TokenType

_KEYWORDS = {
    TokenType.CURRENT_DATE,
    TokenType.CURRENT_DATETIME,
    TokenType.CURRENT_TIME,
    TokenType.CURRENT_TIMESTAMP,
    TokenType.LOCALTIME,
    TokenType.LOCALTIMESTAMP,
}
_FUNCTIONS = {
    "now", "clock_timestamp", "statement_timestamp", "transaction_timestamp", "timeofday", "getdate",
    "curdate", "sysdate", "unix_timestamp", "current_date", "current_timestamp", "localtimestamp",
}  # fmt: skip
_BARE = {"sysdate", "systimestamp"}  # Oracle's, without parentheses
_LITERALS = {"now", "today", "tomorrow", "yesterday"}


def clock_uses(tokens: list[Token]) -> Iterator[tuple[int, str]]:
    """Offset and name of every use of the clock in a tokenized script."""
    for at, token in enumerate(tokens):
        before = tokens[at - 1].text.upper() if at else ""
        after = tokens[at + 1].text if at + 1 < len(tokens) else ""
        name = token.text.lower()
        if (
            token.token_type in _KEYWORDS
            or (name in _FUNCTIONS and after == "(")
            or (name in _BARE and before not in {".", "AS"} and after not in {".", "("})
        ):
            yield token.start, name
        elif name == "age" and after == "(" and not _has_comma(tokens, at + 2):
            yield token.start, "age of one value"
        elif token.token_type == TokenType.STRING and name in _LITERALS:
            typed = before in {"DATE", "TIMESTAMP", "TIMESTAMPTZ", "TIME"} or after == "::"
            cast = before == "(" and at > 1 and tokens[at - 2].text.upper() == "CAST"
            if typed or cast:
                yield token.start, f"'{name}'"


def _has_comma(tokens: list[Token], at: int) -> bool:
    """Whether the argument list whose first token is at `at` holds more than one argument."""
    depth = 0
    for token in tokens[at:]:
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if depth < 0 or (depth == 0 and token.text == ","):
            return depth == 0
    return False
