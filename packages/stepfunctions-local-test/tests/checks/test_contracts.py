from pathlib import Path
from typing import Any

import pytest

from stepfunctions_local_test.checks import ChecksError, Contracts, load_contracts

CONTRACTS = Contracts.of(
    {
        "answers": {
            "Ask": {
                "Payload": {
                    "rows": "number",
                    "more?": "text",
                    "items": [{"key": "text"}],
                    "root": {"one_of": ["null", {"Error": "text"}]},
                    "free": "any",
                    "nothing": "null",
                }
            }
        }
    }
)
GOOD: dict[str, Any] = {
    "rows": 1,
    "items": [],
    "root": None,
    "free": {"x": []},
    "nothing": None,
    "unasked": 1,
}


@pytest.mark.parametrize("more", [{}, {"more": "x"}, {"root": {"Error": "E"}}, {"items": [{"key": "k"}]}])
def test_an_answer_may_hold_more_than_is_promised_but_not_less(more: dict[str, Any]) -> None:
    assert CONTRACTS.broken("Ask", {"Payload": GOOD | more}) == ()


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"rows": ...}, "Ask.Payload.rows is promised but missing"),
        ({"rows": []}, "Ask.Payload.rows must be no object and no list, got []"),
        ({"items": {}}, "Ask.Payload.items must be a list, got {}"),
        ({"items": [{"key": "k"}, {}]}, "Ask.Payload.items[1].key is promised but missing"),
        ({"root": "E"}, "Ask.Payload.root must be an object, got 'E'"),
        ({"root": {}}, "Ask.Payload.root.Error is promised but missing"),
        ({"nothing": 1}, "Ask.Payload.nothing must be null, got 1"),
    ],
)
def test_an_answer_that_breaks_its_contract_is_told(more: dict[str, Any], message: str) -> None:
    answer = {key: value for key, value in (GOOD | more).items() if value is not ...}
    assert CONTRACTS.broken("Ask", {"Payload": answer}) == (message,)


def test_a_state_without_contract_breaks_none() -> None:
    assert CONTRACTS.broken("Tell", None) == ()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[]", "must hold input and answers, got "),
        ("outputs: {}", "must hold input and answers, got "),
        ("answers: []", ""),
        ("answers: [Ask]", "answers must have a state's name for key, got "),
        (
            "input: txt",
            "input must be one of text, number, flag, null, any, a mapping or a list with one entry, got 'txt'",
        ),
        ("input: {a: [text, text]}", r"input.a must be one of "),
        ("input: {", "_contracts.yaml is no YAML: "),
    ],
)
def test_a_file_that_holds_no_contracts_is_refused(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "_contracts.yaml"
    path.write_text(content, encoding="utf-8")
    if not message or content == "[]":  # nothing is promised
        assert load_contracts(path) == Contracts()
        return
    with pytest.raises(ChecksError, match=message):
        load_contracts(path)


def test_without_a_file_nothing_is_promised(tmp_path: Path) -> None:
    assert load_contracts(tmp_path / "_contracts.yaml") == Contracts()
