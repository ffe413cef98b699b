"""Choice rules of Amazon States Language (JSONPath), evaluated independently of the engine to check its choices.

https://states-language.net/#choice-state
"""

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from stepfunctions_local_test.errors import StatesError
from stepfunctions_local_test.history.reference_paths import ABSENT, PathError, at

Rule = Mapping[str, Any]
DEFAULT = -1


class ChoiceError(StatesError):
    """A rule that cannot be evaluated on this input, as Step Functions would fail with States.Runtime."""


_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
_RELATIONS: dict[str, Callable[[Any, Any], bool]] = {
    "Equals": operator.eq,
    "LessThan": operator.lt,
    "GreaterThan": operator.gt,
    "LessThanEquals": operator.le,
    "GreaterThanEquals": operator.ge,
}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_timestamp(value: Any) -> bool:
    return isinstance(value, str) and _TIMESTAMP.fullmatch(value) is not None


_KINDS: dict[str, Callable[[Any], bool]] = {
    "Null": lambda value: value is None,
    "Present": lambda value: value is not ABSENT,
    "Numeric": _is_number,
    "String": lambda value: isinstance(value, str),
    "Boolean": lambda value: isinstance(value, bool),
    "Timestamp": _is_timestamp,
}
_MEASURES: dict[str, Callable[[Any], Any]] = {
    "Numeric": lambda value: value,
    "String": lambda value: value,
    "Boolean": lambda value: value,
    "Timestamp": lambda value: datetime.fromisoformat(value.replace("Z", "+00:00")),
}


def chosen(state: Mapping[str, Any], data: Any) -> tuple[int, tuple[bool, ...]]:
    """The index of the first true rule (DEFAULT when none is true), and the results of the rules up to it.

    Raises ChoiceError when a rule cannot be evaluated, or none holds and there is no default.
    """
    results: list[bool] = []
    for number, rule in enumerate(state["Choices"]):
        results.append(holds(rule, data))
        if results[-1]:
            return number, tuple(results)
    if "Default" not in state:
        raise ChoiceError("no rule holds and there is no Default (States.NoChoiceMatched)")
    return DEFAULT, tuple(results)


def holds(rule: Rule, data: Any) -> bool:
    """Whether a rule is true for the effective input of its state."""
    if "And" in rule:
        return all(holds(part, data) for part in rule["And"])
    if "Or" in rule:
        return any(holds(part, data) for part in rule["Or"])
    if "Not" in rule:
        return not holds(rule["Not"], data)
    name, wanted = comparison(rule)
    value = _value(rule["Variable"], data)
    if name.startswith("Is"):
        return _is_of_kind(name, wanted, value, rule)
    if value is ABSENT:
        raise ChoiceError(f"{rule['Variable']}, which {name} compares, is missing")
    if name.endswith("Path"):
        name, wanted = name.removesuffix("Path"), _present(wanted, data)
    return matches(wanted, value) if name == "StringMatches" else _compared(name, value, wanted)


def comparison(rule: Rule) -> tuple[str, Any]:
    """The operator of a rule that compares, and its operand. Raises ChoiceError."""
    names = [name for name in rule if name not in ("Variable", "Next", "Comment", "Assign", "Output")]
    if "Variable" not in rule or len(names) != 1:
        raise ChoiceError(f"a rule has a Variable and one operator, got {', '.join(rule)}")
    return names[0], rule[names[0]]


def variables(rule: Rule) -> Iterator[str]:
    """All paths that a rule reads."""
    for part in (*rule.get("And", ()), *rule.get("Or", ()), *([rule["Not"]] if "Not" in rule else ())):
        yield from variables(part)
    if "Variable" in rule:
        yield rule["Variable"]


def _is_of_kind(name: str, wanted: Any, value: Any, rule: Rule) -> bool:
    check = _KINDS.get(name.removeprefix("Is"))
    if check is None:
        raise ChoiceError(f"{name} is no operator of a choice rule")
    if value is ABSENT and name != "IsPresent":
        raise ChoiceError(f"{rule['Variable']}, which {name} reads, is missing")
    return check(value) is wanted


def _compared(name: str, value: Any, wanted: Any) -> bool:
    kind = next((kind for kind in _MEASURES if name.startswith(kind)), "")
    relation = _RELATIONS.get(name.removeprefix(kind))
    if not kind or relation is None:
        raise ChoiceError(f"{name} is no operator of a choice rule")
    if not (_KINDS[kind](value) and _KINDS[kind](wanted)):
        return False
    return relation(_MEASURES[kind](value), _MEASURES[kind](wanted))


def _value(path: str, data: Any) -> Any:
    try:
        return at(path, data)
    except PathError as error:
        raise ChoiceError(str(error)) from error


def _present(path: str, data: Any) -> Any:
    value = _value(path, data)
    if value is ABSENT:
        raise ChoiceError(f"{path}, which a rule compares with, is missing")
    return value


def matches(pattern: str, value: Any) -> bool:
    r"""StringMatches: `*` is any text, `\*` a star, `\\` a backslash; nothing else is special."""
    if not isinstance(value, str):
        return False
    signs = re.findall(r"\\[*\\]|.", pattern, re.DOTALL)
    text = "".join(".*" if sign == "*" else re.escape(sign[-1]) for sign in signs)
    return re.fullmatch(text, value, re.DOTALL) is not None
