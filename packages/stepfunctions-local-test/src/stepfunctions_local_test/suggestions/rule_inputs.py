"""The inputs that make a choice rule true or false."""

from collections.abc import Iterator, Mapping
from typing import Any

from stepfunctions_local_test.history.choices import comparison, holds

RuleInput = tuple[str, Any]
OTHER = "something else"
EXAMPLES = {"Null": None, "Numeric": 1, "String": OTHER, "Boolean": True, "Timestamp": "2026-06-01T00:00:00Z"}


def rule_inputs(rule: Mapping[str, Any], truth: bool) -> Iterator[RuleInput]:
    """Paths with the values that make `rule` true or false, without paths that must be absent."""
    if "Not" in rule:
        yield from rule_inputs(rule["Not"], not truth)
    elif "And" in rule or "Or" in rule:
        yield from _joined(rule.get("And") or rule["Or"], truth, all_at_once=("And" in rule) == truth)
    else:
        yield from _compared(rule, truth)


def _joined(parts: list[Mapping[str, Any]], truth: bool, *, all_at_once: bool) -> Iterator[RuleInput]:
    """All parts get the truth value, or only the last: earlier parts are evaluated first and get the opposite."""
    if all_at_once:
        for part in parts:
            yield from rule_inputs(part, truth)
        return
    for part in parts[:-1]:
        yield from rule_inputs(part, not truth)
    yield from rule_inputs(parts[-1], truth)


def _compared(rule: Mapping[str, Any], truth: bool) -> Iterator[RuleInput]:
    name, wanted = comparison(rule)
    if name == "IsPresent":
        if truth is wanted:
            yield rule["Variable"], ...
    elif name.startswith("Is"):
        yield rule["Variable"], _of_kind(name.removeprefix("Is"), truth is wanted)
    elif not name.endswith("Path"):
        yield rule["Variable"], _fitting(rule, wanted, truth)


def _of_kind(kind: str, fits: bool) -> Any:
    if not fits:
        return OTHER if kind == "Null" else {}
    return EXAMPLES.get(kind)


def _fitting(rule: Mapping[str, Any], wanted: Any, truth: bool) -> Any:
    """The simplest value that gives the comparison this truth value."""
    return next(value for value in _candidates(wanted) if holds({**rule, "Variable": "$"}, value) is truth)


def _candidates(wanted: Any) -> tuple[Any, ...]:
    if isinstance(wanted, bool):
        return (True, False)
    if isinstance(wanted, str):
        return (wanted, wanted.replace("*", "x"), OTHER, "", f"{wanted}x", {})
    return (1, 0, wanted, wanted + 1, wanted - 1)  # 1 satisfies most other rules, too
