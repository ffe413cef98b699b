"""What makes a replay of a script load other rows: clocks in every spelling, random values, sequences, transaction ids."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from sqlglot import exp
from sqlglot.tokenizer_core import Token, TokenType

T = exp.DataType.Type
CLOCK = "is the wall clock, a replay would load something else; use a token such as {ETL_START_TIMESTAMP}"
RANDOM = "gives other values in a replay; make the value from columns, for example with md5()"
SEQUENCE = "counts on in a replay; make the key from columns, for example with md5()"
SESSION = "depends on session or transaction, a replay would load something else; use a token or a column"
SAMPLE = "takes other rows in a replay; select them by a condition"
WORD = "is the wall clock where a date or time is meant; use a token such as {ETL_START_TIMESTAMP}, or write %s::text"

CLOCKS = (exp.CurrentTimestamp, exp.CurrentDate, exp.CurrentTime, exp.Localtime, exp.Localtimestamp)
USERS = (exp.CurrentUser, exp.SessionUser)
FUNCTIONS = {
    **dict.fromkeys(
        (
            *("now", "clock_timestamp", "statement_timestamp", "transaction_timestamp", "timeofday"),
            *("pg_postmaster_start_time", "pg_conf_load_time"),
        ),
        CLOCK,
    ),
    **dict.fromkeys(
        (
            *(
                "random",
                "random_normal",
                "setseed",
                "gen_random_uuid",
                "uuidv4",
                "uuidv7",
                "gen_random_bytes",
            ),
            *("uuid_generate_v1", "uuid_generate_v1mc", "uuid_generate_v4", "gen_salt", "normal_rand"),
        ),
        RANDOM,
    ),
    **dict.fromkeys(("nextval", "currval", "lastval", "setval"), SEQUENCE),
    **dict.fromkeys(
        (
            *("txid_current", "txid_current_if_assigned", "txid_current_snapshot", "pg_backend_pid"),
            *("pg_current_xact_id", "pg_current_xact_id_if_assigned", "pg_current_snapshot"),
            *("pg_current_wal_lsn", "pg_current_wal_insert_lsn", "inet_client_addr", "inet_client_port"),
            *("inet_server_addr", "inet_server_port"),
        ),
        SESSION,
    ),
}
NO_CALL = frozenset({"into", "table", "as"})  # before a name with a list of columns
STRINGS = (exp.RawString, exp.ByteString, exp.UnicodeString, exp.National, exp.Heredoc)

CLOCK_WORDS = frozenset({"now", "today", "tomorrow", "yesterday"})
PART = re.compile(r"[a-z]+(?:/[a-z_]+)*")
# words that Postgres reads beside a clock word; with any other word a text is prose
BESIDE = frozenset(
    {
        *("am", "pm", "ad", "bc", "t", "z", "ut", "utc", "gmt", "zulu", "allballs"),
        *("est", "edt", "cst", "cdt", "mst", "mdt", "pst", "pdt", "hst", "akst", "akdt"),
    }
)
TIMES = frozenset({"DATE", "TIME", "TIMETZ", "DATETIME"})
TEXTS = frozenset({T.TEXT, T.VARCHAR, T.CHAR, T.NVARCHAR, T.NCHAR, T.BPCHAR, T.NAME, T.JSON, T.JSONB})


def difference(tree: exp.Expr, tokens: Sequence[Token]) -> str | None:
    """The first part of a statement that makes a replay differ: what it is, why, and the way out."""
    return next(iter(_parts(tree, tokens)), None)


def _parts(tree: exp.Expr, tokens: Sequence[Token]) -> Iterator[str]:
    for name in _called(tokens):
        if reason := FUNCTIONS.get(name):
            yield f"{name.upper()} {reason}"
    for node in tree.walk():
        if reason := _node(node):
            yield reason


def _node(node: exp.Expr) -> str | None:
    if isinstance(node, CLOCKS):
        return f"{node.sql('postgres').upper()} {CLOCK}"
    if isinstance(node, USERS):
        return f"{node.sql('postgres').upper()} {SESSION}"
    if isinstance(node, exp.TableSample):
        return f"TABLESAMPLE {SAMPLE}"
    if isinstance(node, exp.Anonymous):
        return _anonymous(node)
    if _is_text(node) and _reads_clock(node):
        return f"'{node.name}' {WORD % repr(node.name)}"
    return None


def _anonymous(node: exp.Anonymous) -> str | None:
    name = node.name.lower()
    clock = name in ("localtime", "localtimestamp") or (name == "age" and len(node.expressions) == 1)
    return f"{name.upper()} {CLOCK}" if clock else None


def _is_text(node: exp.Expr) -> bool:
    return isinstance(node, STRINGS) or (isinstance(node, exp.Literal) and node.is_string)


def _called(tokens: Sequence[Token]) -> Iterator[str]:
    """The names, without schema, of what looks like a call."""
    for index, token in enumerate(tokens[:-1]):
        if tokens[index + 1].token_type != TokenType.L_PAREN:
            continue
        before = index - 1
        while before > 0 and tokens[before].token_type == TokenType.DOT:
            before -= 2
        if before < 0 or tokens[before].text.lower() not in NO_CALL:
            yield token.text.lower()


def _reads_clock(node: exp.Expr) -> bool:
    words = PART.findall(node.name.lower())
    if not CLOCK_WORDS & set(words):
        return False
    kinds = [cast.to for cast in _casts(node)]
    if any(_is_time(kind) for kind in kinds):
        return True
    if kinds and kinds[0].this in TEXTS:
        return False
    return all(word in CLOCK_WORDS or word in BESIDE or "/" in word for word in words)


def _casts(node: exp.Expr) -> Iterator[exp.Cast]:
    """The casts around a value, the innermost first."""
    parent = node.parent
    while isinstance(parent, (exp.Cast, exp.Paren)):
        if isinstance(parent, exp.Cast):
            yield parent
        parent = parent.parent


def _is_time(kind: exp.DataType) -> bool:
    name = kind.this.value if isinstance(kind.this, T) else str(kind.this)
    return name in TIMES or name.startswith("TIMESTAMP")
