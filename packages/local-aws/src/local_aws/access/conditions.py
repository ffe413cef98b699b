"""Condition operators as IAM documents them: several values are OR, several keys and operators are AND.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timezone
from ipaddress import ip_address, ip_network

from local_aws.access.wildcards import arn_matches, matches, plain

Compare = Callable[[str, str], bool]  # the policy's value, the request's value
IF_EXISTS = "IfExists"
EVERY, ANY = "ForAllValues:", "ForAnyValue:"


def _number(check: Callable[[float, float], bool]) -> Compare:
    def compare(wanted: str, found: str) -> bool:
        try:
            return check(float(found), float(wanted))
        except ValueError:
            return False

    return compare


def _date(check: Callable[[datetime, datetime], bool]) -> Compare:
    def compare(wanted: str, found: str) -> bool:
        try:
            return check(_moment(found), _moment(wanted))
        except ValueError:
            return False

    return compare


def _moment(text: str) -> datetime:
    if text.isdecimal():
        return datetime.fromtimestamp(int(text), tz=timezone.utc)
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def _address(wanted: str, found: str) -> bool:
    try:
        return ip_address(found) in ip_network(wanted, strict=False)
    except ValueError:
        return False


def _equals(wanted: str, found: str) -> bool:
    return plain(wanted) == found


def _equals_ignoring_case(wanted: str, found: str) -> bool:
    return plain(wanted).casefold() == found.casefold()


POSITIVE: Mapping[str, Compare] = {
    "StringEquals": _equals,
    "StringEqualsIgnoreCase": _equals_ignoring_case,
    "StringLike": matches,
    "ArnEquals": arn_matches,  # IAM treats ArnEquals as ArnLike
    "ArnLike": arn_matches,
    "Bool": _equals_ignoring_case,
    "BinaryEquals": _equals,
    "IpAddress": _address,
    "NumericEquals": _number(lambda found, wanted: found == wanted),
    "NumericLessThan": _number(lambda found, wanted: found < wanted),
    "NumericLessThanEquals": _number(lambda found, wanted: found <= wanted),
    "NumericGreaterThan": _number(lambda found, wanted: found > wanted),
    "NumericGreaterThanEquals": _number(lambda found, wanted: found >= wanted),
    "DateEquals": _date(lambda found, wanted: found == wanted),
    "DateLessThan": _date(lambda found, wanted: found < wanted),
    "DateLessThanEquals": _date(lambda found, wanted: found <= wanted),
    "DateGreaterThan": _date(lambda found, wanted: found > wanted),
    "DateGreaterThanEquals": _date(lambda found, wanted: found >= wanted),
}
NEGATIVE: Mapping[str, Compare] = {
    "StringNotEquals": _equals,
    "StringNotEqualsIgnoreCase": _equals_ignoring_case,
    "StringNotLike": matches,
    "ArnNotEquals": arn_matches,
    "ArnNotLike": arn_matches,
    "NotIpAddress": _address,
    "NumericNotEquals": POSITIVE["NumericEquals"],
    "DateNotEquals": POSITIVE["DateEquals"],
}


def is_operator(name: str) -> bool:
    """Whether IAM knows an operator of this name, with or without prefix and suffix."""
    bare = _bare(name)
    return bare == "Null" or bare in POSITIVE or bare in NEGATIVE


def holds(operator: str, wanted: Sequence[str], found: Sequence[str] | None) -> bool:
    """Whether one line of a condition is true; `found` is None when the request lacks the key."""
    bare = _bare(operator)
    if bare == "Null":
        return any((found is None) == (value.casefold() == "true") for value in wanted)
    positive = bare in POSITIVE
    compare = POSITIVE[bare] if positive else NEGATIVE[bare]

    def fits(value: str) -> bool:
        return any(compare(item, value) for item in wanted) == positive

    if operator.startswith(EVERY):
        return all(fits(value) for value in found or ())
    if operator.startswith(ANY):
        return any(fits(value) for value in found or ()) if found or not _if_exists(operator) else True
    if found is None:
        return _if_exists(operator) or not positive
    return all(fits(value) for value in found) if not positive else any(fits(value) for value in found)


def _bare(operator: str) -> str:
    return operator.removeprefix(EVERY).removeprefix(ANY).removesuffix(IF_EXISTS)


def _if_exists(operator: str) -> bool:
    return operator.endswith(IF_EXISTS)
