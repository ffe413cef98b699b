"""The base class of every error this package raises on purpose; its children stand beside the code that raises them."""


class SqlTreeError(Exception):
    """The message says what, where, the value that came and the way out."""
