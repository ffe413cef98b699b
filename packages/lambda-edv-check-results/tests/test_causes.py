import json

import pytest

from edv_check_results.causes import is_skip, reason


@pytest.mark.parametrize(
    ("cause", "expected"),
    [
        (None, "no cause was given"),
        (json.dumps({"ErrorMessage": "column x:\n is missing"}), "column x: is missing"),
        (json.dumps({"ErrorMessage": "skipped: STG.A failed: x"}), "skipped: STG.A failed: x"),
        (
            json.dumps(
                {"ErrorMessage": "Error Category: QUERY_ERROR; errors.Skipped: skipped: STG.A is absent"}
            ),
            "skipped: STG.A is absent",
        ),
        ("FARM_H: skipped: STG.A failed", "skipped: STG.A failed"),
    ],
)
def test_a_skip_begins_with_its_word(cause: str | None, expected: str) -> None:
    assert reason(cause) == expected


def test_only_a_reason_that_begins_with_skipped_is_a_skip() -> None:
    assert is_skip(reason('{"ErrorMessage": "SkippedError: skipped: EDV.A failed"}'))
    assert not is_skip(reason("3 rows were skipped: bad dates"))
