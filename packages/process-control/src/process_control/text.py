"""Makes text storable in Postgres."""


def storable(text: str, limit: int) -> str:
    """`text` without characters that Postgres cannot store (NUL, lone surrogates), cut to `limit` characters."""
    clean = text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
    return clean if len(clean) <= limit else clean[: limit - 3] + "..."
