"""Text that Postgres can store."""


def storable(text: str, limit: int) -> str:
    """`text` without what a Postgres text cannot hold (NUL, lone surrogates), at most `limit` characters."""
    clean = text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
    return clean if len(clean) <= limit else clean[: limit - 3] + "..."
