import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edv_handle_failure.causes import NO_CAUSE, reason, shorten


@pytest.mark.parametrize(
    ("cause", "expected"),
    [
        (None, NO_CAUSE),
        ("", NO_CAUSE),
        ("FARM_H: skipped: STG.A failed", "FARM_H: skipped: STG.A failed"),
        (
            json.dumps({"errorMessage": "event['a'] is missing", "errorType": "BadEvent"}),
            "event['a'] is missing",
        ),
        (
            json.dumps({"JobRunState": "FAILED", "ErrorMessage": "column x\nis missing"}),
            "column x is missing",
        ),
        (json.dumps({"JobRunState": "STOPPED", "Id": "jr_1"}), "job run jr_1 ended as STOPPED"),
        (json.dumps({"Error": "E", "Cause": json.dumps({"errorMessage": "deep"})}), "deep"),
        (
            json.dumps(
                {"ErrorMessage": "Error Category: QUERY_ERROR; Failed Line Number: 12; ValueError: x"}
            ),
            "ValueError: x",
        ),
        ('{"errorMessage": "cut of', "cut of"),
    ],
)
def test_the_sentence_is_taken_out_of_a_cause(cause: str | None, expected: str) -> None:
    assert reason(cause) == expected


@given(st.text() | st.dictionaries(st.sampled_from(["errorMessage", "Cause"]), st.text()).map(json.dumps))
def test_any_cause_has_a_reason_in_one_line(cause: str) -> None:
    assert reason(cause)
    assert "\n" not in reason(cause)


@given(st.text(), st.integers(min_value=10, max_value=200))
def test_shortened_text_fits_in_bytes(text: str, limit: int) -> None:
    assert len(shorten(text, limit).encode()) <= limit
