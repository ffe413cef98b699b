"""Values for display: secrets are hidden, long values are cut so that the difference stays visible."""

import re
from collections.abc import Mapping
from typing import Any

from deployer.model.resources import Document
from deployer.planning.fields import Field

HIDDEN = "(hidden)"
ABSENT = "(absent)"
LONGEST = 160
_SECRET_NAME = re.compile(
    r"(PASSWORD|PASSWD|PASSPHRASE|TOKEN|PRIVATE|CREDENTIAL|API_?KEY|ACCESS_?KEY|SECRET(?!_?(NAME|ARN|ID)\b))",
    re.IGNORECASE,
)
_SECRET_VALUE = re.compile(
    r"://[^/\s:@]*:[^/\s@]+@|\b(AKIA|ASIA)[0-9A-Z]{16}\b|-----BEGIN [A-Z ]*PRIVATE KEY"
)
_HEX = re.compile(r"[0-9a-f]{40,}")
_DIGEST = 12
_LEAD = 24
_NOT_VARIABLES = ("definition", "policy", "trust", "tags")


def shown(path: str, value: object) -> Any:
    """The value of a field as JSON; hidden when its name or text looks like a secret."""
    if isinstance(value, Document):
        return shown(path, value.value())
    if isinstance(value, Mapping):
        return {str(name): shown(f"{path}.{name}", child) for name, child in value.items()}
    if isinstance(value, tuple | list):
        return [shown(path, item) for item in value]
    if value is not None and _is_secret(path, value):
        return HIDDEN
    return value


def safe(field: Field) -> Field:
    """The field with secrets hidden on both sides."""
    return Field(field.path, shown(field.path, field.old), shown(field.path, field.new))


def text(value: object, longest: int = LONGEST) -> str:
    """One value as text."""
    return _cut(_words(value), longest)


def old_to_new(field: Field, longest: int = LONGEST) -> str:
    """Both values as text; long ones are cut so that their difference is visible."""
    old, new = _words(field.old), _words(field.new)
    start = _parting(old, new)
    if max(len(old), len(new)) > longest // 2 and start > _LEAD:
        old, new = (f"...{words[start:]}" for words in (old, new))
    return f"{_cut(old, longest)} -> {_cut(new, longest)}"


def _is_secret(path: str, value: object) -> bool:
    first, _, name = path.partition(".")
    named = first not in _NOT_VARIABLES and _SECRET_NAME.search(name) is not None
    return named or (isinstance(value, str) and _SECRET_VALUE.search(value) is not None)


def _words(value: object) -> str:
    if value is None:
        return ABSENT
    if isinstance(value, tuple | list):
        return ", ".join(map(str, value)) or "(none)"
    if isinstance(value, bool):
        return "true" if value else "false"
    found = str(value)
    return f"{found[:_DIGEST]}..." if _HEX.fullmatch(found) else found


def _cut(words: str, longest: int) -> str:
    return words if len(words) <= longest else f"{words[:longest]}... ({len(words)} characters)"


def _parting(old: str, new: str) -> int:
    """The beginning of the word in which two texts first differ; 0 when one is the beginning of the other."""
    pairs = enumerate(zip(old, new, strict=False))
    first = next((index for index, (left, right) in pairs if left != right), 0)
    return max(old.rfind(sign, 0, first) for sign in ":/, ") + 1
