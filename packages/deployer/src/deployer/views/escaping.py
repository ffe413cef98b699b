"""Text made safe for Markdown: nothing in it is markup, a mention, a reference or the end of a table cell."""

import html

# Entities are never read as structure (CommonMark: entity and numeric character references).
_ENTITIES = {ord(sign): f"&#{ord(sign)};" for sign in r"\`*_{}[]#+!|~@$"}
_LINES = {ord("\n"): " ", ord("\r"): " "}


def escaped(words: str) -> str:
    """Plain text inside a line."""
    return html.escape(words, quote=False).translate(_ENTITIES | _LINES)


def code(words: str) -> str:
    """Text in fixed width, as HTML: the text could close a code span."""
    return f"<code>{escaped(words)}</code>"
