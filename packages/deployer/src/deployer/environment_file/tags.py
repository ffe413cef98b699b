"""`tags` of the environment file: what every taggable resource carries beside the deployer's own tags.

Source of the limits: AWS tagging documentation (50 tags, keys of 128, values of 256 characters, these characters).
"""

import re
from typing import Annotated, Any

from pydantic import BeforeValidator

from deployer.environment_file.values import text_map

# AWS allows 50; some are the deployer's own (cars:...).
MOST_TAGS = 40
_RESERVED = ("cars:", "aws:")
_ALLOWED = re.compile(r"[\w\s.:/=+\-@]*")
# All keys together are the value of one tag; it tells which tags to remove when they leave the file.
_MOST_KEYS = 256


def tag_map(value: Any) -> dict[str, str]:
    """Tags by key, all of them text. Raises ValueError that names every bad one."""
    tags = {key.strip(): item.strip() for key, item in text_map(value).items()}
    problems = [problem for key, item in tags.items() if (problem := _problem(key, item))]
    if len(tags) > MOST_TAGS:
        problems.append(
            f"at most {MOST_TAGS} tags, since AWS allows 50 and the deployer needs some; these are {len(tags)}"
        )
    if len(" ".join(tags)) > _MOST_KEYS:
        problems.append(f"keys of together at most {_MOST_KEYS} characters, not {len(' '.join(tags))}")
    if len({key.lower() for key in tags}) < len(tags):
        problems.append("keys that differ in more than upper and lower case, which is all the same to IAM")
    if problems:
        raise ValueError("; ".join(problems))
    return tags


def _problem(key: str, item: str) -> str | None:
    if key.lower().startswith(_RESERVED):
        return f"keys that do not begin with {' or '.join(_RESERVED)}, unlike '{key}'"
    if len(key.split()) != 1:
        return f"keys without blanks, unlike '{key[:40]}'"
    if len(key) > 128:
        return f"keys of at most 128 characters, not {len(key)} as in '{key[:40]}...'"
    if len(item) > 256:
        return f"values of at most 256 characters, not {len(item)} as for '{key}'"
    if not (_ALLOWED.fullmatch(key) and _ALLOWED.fullmatch(item)):
        return f"letters, digits, blanks and . : / = + - @ _ only, unlike '{key}': '{item}'"
    return None


Tags = Annotated[dict[str, str], BeforeValidator(tag_map)]
