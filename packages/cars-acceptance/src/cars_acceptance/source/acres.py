"""Acres as exact numbers: at most five decimals, counted in units of 0.00001 acre."""

from collections.abc import Sequence
from decimal import Decimal
from random import Random

DECIMALS = 5
LARGEST = Decimal("99999999999999.99999")  # decimal(19,5), the width of an acreage column
HUNDREDTH = 1000  # units; the precision of a reporter


def to_units(acres: Decimal) -> int:
    """Acres as a whole number of units; raises ValueError when there are more than five decimals."""
    units = acres.scaleb(DECIMALS)
    if units != units.to_integral_value():
        raise ValueError(f"{acres} has more than {DECIMALS} decimals")
    return int(units)


def to_acres(units: int) -> Decimal:
    """Units as acres with five decimals."""
    return Decimal(units).scaleb(-DECIMALS)


def split(total: Decimal, parts: int, rng: Random) -> list[Decimal]:
    """Cut `total` (more than zero) into at most `parts` positive amounts that add up to it, to the last digit.

    Amounts are hundredths of an acre where the total is large enough; the last one carries the rest. There are
    fewer than `parts` amounts only when the total has fewer units.
    """
    units = to_units(total)
    if units <= 0 or parts <= 0:
        raise ValueError(f"cannot split {total} acres into {parts} parts; both must be more than zero")
    parts = min(parts, units)
    quantum = HUNDREDTH if units >= 2 * HUNDREDTH * parts else 1
    weights = [rng.randint(1, 1000) for _ in range(parts)]
    amounts = _shares(units // quantum, weights)
    return [to_acres(amount * quantum) for amount in amounts[:-1]] + [
        to_acres(amounts[-1] * quantum + units % quantum)
    ]


def _shares(quanta: int, weights: Sequence[int]) -> list[int]:
    """`quanta` cut in proportion to `weights`, at least one each; the last one takes what rounding leaves."""
    free = quanta - len(weights)
    whole = sum(weights)
    amounts = [1 + free * weight // whole for weight in weights]
    amounts[-1] += quanta - sum(amounts)
    return amounts
