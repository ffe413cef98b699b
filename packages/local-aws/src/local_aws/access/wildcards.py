"""IAM's wildcards: `*` is any text, `?` is any character. They match `/` and `:`, too."""

import re
from functools import lru_cache

LITERAL_STAR, LITERAL_MARK = "\ue02a", "\ue03f"  # what `${*}` and `${?}` of a policy become
SPECIAL = {"*": ".*", "?": ".", LITERAL_STAR: r"\*", LITERAL_MARK: r"\?"}


@lru_cache(maxsize=16384)
def matches(pattern: str, text: str, *, fold: bool = False) -> bool:
    """Whether the pattern matches the whole text; `fold` ignores case, as for action names."""
    return compiled(pattern, fold).fullmatch(text) is not None


@lru_cache(maxsize=4096)
def compiled(pattern: str, fold: bool) -> re.Pattern[str]:
    """A pattern as a regular expression."""
    text = "".join(SPECIAL.get(character) or re.escape(character) for character in pattern)
    return re.compile(text, re.DOTALL | (re.IGNORECASE if fold else 0))


def literal(text: str) -> str:
    """Escape a value that becomes part of a pattern."""
    return text.replace("*", LITERAL_STAR).replace("?", LITERAL_MARK)


def plain(pattern: str) -> str:
    """Undo `literal`, for operators without wildcards."""
    return pattern.replace(LITERAL_STAR, "*").replace(LITERAL_MARK, "?")


def arn_matches(pattern: str, arn: str) -> bool:
    """ArnLike: each of the six parts is matched by itself, so `*` does not match one of the first five colons."""
    wanted, found = pattern.split(":", 5), arn.split(":", 5)
    return len(wanted) == len(found) == 6 and all(
        matches(part, other) for part, other in zip(wanted, found, strict=True)
    )
