"""The base class of everything this package raises on purpose."""


class LocalAwsError(Exception):
    """Something the local AWS or the embedded Postgres cannot do; the message says the way out."""
