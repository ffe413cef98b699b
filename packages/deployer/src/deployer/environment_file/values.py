"""Value types of environment files, where everything may be written as a string."""

import re
from typing import Annotated, Any

from pydantic import BeforeValidator

_TRUE = {"true", "yes", "on", "1", "enabled", "enable"}
_FALSE = {"false", "no", "off", "0", "disabled", "disable"}
_WHOLE = re.compile(r"[+-]?\d+")


def whole_number(value: Any) -> int:
    """A whole number from a JSON number or a numeric string; booleans are refused."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and _WHOLE.fullmatch(value.strip()):
        return int(value)
    raise ValueError("a whole number")


def true_or_false(value: Any) -> bool:
    """Boolean from a JSON boolean or the words true/false, yes/no, on/off, 1/0, enabled/disabled in any case."""
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower() if isinstance(value, str | int) else ""
    if word in _TRUE | _FALSE:
        return word in _TRUE
    raise ValueError("true or false")


def text(value: Any) -> str:
    """Text without surrounding blanks; a JSON number or boolean is spelled as JSON spells it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value).strip()
    raise ValueError("text")


def optional_text(value: Any) -> str | None:
    """As `text`; an empty string counts as absent, because existing files write it so."""
    return None if value is None else text(value) or None


def optional_matching(pattern: str, expected: str) -> BeforeValidator:
    """Validator of optional text that must match all of `pattern`."""

    def check(value: Any) -> str | None:
        found = optional_text(value)
        if found is None or re.fullmatch(pattern, found):
            return found
        raise ValueError(expected)

    return BeforeValidator(check)


def one_of(unit: str, allowed: tuple[int, ...]) -> BeforeValidator:
    """Validator of a whole number that must be one of a few."""

    def check(value: Any) -> int:
        expected = f"{unit}: {', '.join(map(str, allowed))}"
        try:
            number = whole_number(value)
        except ValueError:
            raise ValueError(expected) from None
        if number not in allowed:
            raise ValueError(expected)
        return number

    return BeforeValidator(check)


def comma_list(value: Any) -> tuple[str, ...]:
    """Items of a comma list or a JSON array of text; empty items are dropped."""
    if isinstance(value, str):
        return tuple(item.strip() for item in value.split(",") if item.strip())
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(item.strip() for item in value if item.strip())
    raise ValueError("a comma list, for example 'a, b'")


def text_map(value: Any) -> dict[str, str]:
    """Object whose values are text, numbers or booleans; all come out as text."""
    if not isinstance(value, dict):
        raise ValueError("an object of names and texts")
    bad = [name for name, item in value.items() if not isinstance(item, str | int | float | bool)]
    if bad:
        raise ValueError(f"an object of names and texts; {bad[0]!r} is neither text, number nor boolean")
    return {name: item if isinstance(item, str) else text(item) for name, item in value.items()}


def argument_map(value: Any) -> dict[str, str]:
    """As `text_map` for Glue arguments: every name starts with two dashes."""
    arguments = text_map(value)
    bad = [name for name in arguments if not name.startswith("--")]
    if bad:
        raise ValueError(f"an object of Glue arguments whose names start with --, not {bad[0]!r}")
    return arguments


def role_arn(value: Any) -> str | None:
    """ARN of an IAM role, or None when absent or empty."""
    return _arn(value, service="iam", pattern=r"\d{12}:role/.+", expected="the ARN of an IAM role")


def layer_arn(value: Any) -> str | None:
    """ARN of one version of a Lambda layer, or None when absent or empty."""
    return _arn(
        value, service="lambda", pattern=r"\d{12}:layer:[^:]+:\d+", expected="the ARN of a layer version"
    )


def topic_arn(value: Any) -> str | None:
    """ARN of an SNS topic, or None when absent or empty."""
    return _arn(value, service="sns", pattern=r"\d{12}:[^:]+", expected="the ARN of an SNS topic")


def key_arn(value: Any) -> str | None:
    """ARN of a KMS key, or None when absent or empty; no alias, because policies must name the key."""
    return _arn(
        value,
        service="kms",
        pattern=r"\d{12}:key/[A-Za-z0-9-]+",
        expected="the ARN of a KMS key, not of an alias",
    )


def _arn(value: Any, *, service: str, pattern: str, expected: str) -> str | None:
    name = optional_text(value)
    if name is None or re.fullmatch(rf"arn:aws[a-z-]*:{service}:[a-z0-9-]*:{pattern}", name):
        return name
    raise ValueError(expected)


def prefix(value: Any) -> str:
    """Key prefix without a leading slash and, when not empty, with one at its end."""
    name = text(value).strip("/")
    return f"{name}/" if name else ""


Whole = Annotated[int, BeforeValidator(whole_number)]
Flag = Annotated[bool, BeforeValidator(true_or_false)]
Text = Annotated[str, BeforeValidator(text)]
OptionalText = Annotated[str | None, BeforeValidator(optional_text)]
CommaList = Annotated[tuple[str, ...], BeforeValidator(comma_list)]
TextMap = Annotated[dict[str, str], BeforeValidator(text_map)]
ArgumentMap = Annotated[dict[str, str], BeforeValidator(argument_map)]
RoleArn = Annotated[str | None, BeforeValidator(role_arn)]
LayerArn = Annotated[str | None, BeforeValidator(layer_arn)]
KeyArn = Annotated[str | None, BeforeValidator(key_arn)]
TopicArn = Annotated[str | None, BeforeValidator(topic_arn)]
Prefix = Annotated[str, BeforeValidator(prefix)]
