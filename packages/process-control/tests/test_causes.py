import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from process_control.causes import NO_CAUSE, reason, shorten

GLUE = {"JobName": "FSA-CERT-DATAMART-EXEC-DB-SQL", "JobRunState": "FAILED", "Id": "jr_1"}


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
        ("  plain\n text ", "plain text"),
        (json.dumps({**GLUE, "ErrorMessage": "column x:\n is missing"}), "column x: is missing"),
        (json.dumps({"errorMessage": {"code": 5}}), '{"code": 5}'),
        (json.dumps({**GLUE, "JobRunState": "TIMEOUT"}), "job run jr_1 ended as TIMEOUT"),
        (json.dumps({"other": 1}), '{"other": 1}'),
        (json.dumps(["a"]), '["a"]'),
        (json.dumps({**GLUE, "ErrorMessage": 'said "no" to 5'})[:-1], 'said "no" to 5'),
        ('{"ErrorMessage": "cut \\', "cut"),
    ],
)
def test_the_sentence_is_taken_out_of_a_cause(cause: str | None, expected: str) -> None:
    assert reason(cause) == expected


def test_endless_nesting_ends() -> None:
    text = "x"
    for _ in range(20):
        text = json.dumps({"Cause": text})
        if len(text) > 100_000:
            break
    assert reason(text)
    assert reason("[" * 100_000)


@given(st.text() | st.dictionaries(st.sampled_from(["errorMessage", "Cause"]), st.text()).map(json.dumps))
def test_any_cause_has_a_reason_in_one_line(cause: str) -> None:
    assert reason(cause)
    assert "\n" not in reason(cause)


@given(st.text(), st.integers(min_value=10, max_value=200))
def test_shortened_text_fits_in_bytes(text: str, limit: int) -> None:
    short = shorten(text, limit)
    assert len(short.encode()) <= limit
    assert short == text.encode("utf-8", "replace").decode() or short.endswith("...")
