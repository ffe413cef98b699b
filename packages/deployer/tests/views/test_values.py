"""Values as they are shown: no secret, and what differs is seen."""

import pytest

from deployer.model.resources import Document
from deployer.planning.fields import Field
from deployer.views.values import old_to_new, safe, shown, text


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("environment.DB_PASSWORD", "hunter2"),
        ("environment.CLIENT_SECRET", "hunter2"),
        ("environment.API_KEY", "hunter2"),
        ("arguments.--db_password", "hunter2"),
        ("environment.URL", "postgresql://cars:hunter2@db/EDV"),
        ("environment.PLAIN", "AKIA" + "ABCDEFGHIJKLMNOP"),
        ("definition.States.A.Parameters", {"Url": "https://u:hunter2@host/"}),
        ("environment.LIST", ["x", "https://u:hunter2@host/"]),
    ],
)
def test_what_looks_like_a_secret_is_hidden(path: str, value: object) -> None:
    found = str(shown(path, value))
    assert "(hidden)" in found
    assert "hunter2" not in found
    assert "AKIA" not in found


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("environment.DB_SECRET_NAME", "fsa/cars/postgres"),
        ("arguments.--secret_name", "fsa/cars/postgres"),
        ("definition.States.A.Parameters.TaskToken.$", "$$.Task.Token"),
        ("environment.URL", "https://host/path"),
    ],
)
def test_names_of_secrets_are_no_secrets(path: str, value: object) -> None:
    assert shown(path, value) == value


def test_a_secret_that_is_not_there_reads_absent() -> None:
    assert old_to_new(safe(Field("environment.TOKEN", None, "x"))) == "(absent) -> (hidden)"


def test_documents_and_tuples_become_json() -> None:
    assert shown("definition", Document('{"a": [1]}')) == {"a": [1]}
    assert shown("layers", ("a", "b")) == ["a", "b"]


def test_long_values_are_cut_where_both_sides_still_differ() -> None:
    start = "arn:aws:lambda:us-east-1:111122223333:function:FSA-CERT-edv-build-processing-plan"
    field = Field("x", f"{start}:v-1111111111111111", f"{start}:v-2222222222222222")
    assert old_to_new(field) == "...v-1111111111111111 -> ...v-2222222222222222"
    assert old_to_new(Field("x", "short/a", "short/b")) == "short/a -> short/b"
    assert text("x" * 200) == f"{'x' * 160}... (200 characters)"


def test_long_digests_are_cut() -> None:
    assert old_to_new(Field("code.digest", "a" * 64, "b" * 64)) == "aaaaaaaaaaaa... -> bbbbbbbbbbbb..."
    assert text([]) == "(none)"
    assert text(True) == "true"
