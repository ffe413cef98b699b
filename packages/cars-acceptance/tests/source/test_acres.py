from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cars_acceptance.source.acres import LARGEST, split, to_acres, to_units

quantities = st.integers(min_value=1, max_value=10**19 - 1).map(to_acres)


@given(quantities, st.integers(min_value=1, max_value=60), st.integers())
def test_parts_are_positive_and_add_up_to_the_last_digit(total: Decimal, parts: int, seed: int) -> None:
    amounts = split(total, parts, Random(seed))
    assert sum(amounts, Decimal(0)) == total
    assert min(amounts) > 0
    assert len(amounts) == min(parts, to_units(total))


def test_a_single_unit_is_not_divided() -> None:
    assert split(Decimal("0.00001"), 7, Random(1)) == [Decimal("0.00001")]


def test_parts_of_a_round_total_are_hundredths() -> None:
    assert all(amount == round(amount, 2) for amount in split(Decimal("1234.5"), 9, Random(1)))


@given(quantities)
def test_units_are_exact_both_ways(acres: Decimal) -> None:
    assert to_acres(to_units(acres)) == acres <= LARGEST


def test_a_sixth_decimal_is_refused() -> None:
    with pytest.raises(ValueError, match=r"0\.000001 has more than 5 decimals"):
        to_units(Decimal("0.000001"))


@pytest.mark.parametrize(("total", "parts"), [(Decimal(0), 1), (Decimal(-1), 1), (Decimal(1), 0)])
def test_nothing_cannot_be_split(total: Decimal, parts: int) -> None:
    with pytest.raises(ValueError, match="both must be more than zero"):
        split(total, parts, Random(1))
