"""Names that may and may not become keys."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upload_config.names import folded, normal, problem_of


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("/etc/passwd", "is absolute"),
        ("//host/share", "is absolute"),
        ("..", "has a '..' segment"),
        ("a/../b", "has a '..' segment"),
        ("a/..", "has a '..' segment"),
        ("../a/", "has a '..' segment"),
        ("a\\..\\b", "has a backslash"),
        ("..\\b", "has a backslash"),
        ("C:evil", "starts with a drive letter"),
        ("c:/evil", "starts with a drive letter"),
        ("a\x00.sql", "has a control character"),
        ("a\nb", "has a control character"),
        ("a\x85", "has a control character"),
        ("a\u2028b", "has a control character"),
        ("a\u200b", "has a control character"),
        ("a\u202elqs.", "has a control character"),
        ("a/.. /b", "has a '..' segment"),
        ("", "names nothing"),
        (".", "names nothing"),
    ],
)
def test_a_dangerous_name_has_a_problem(name: str, problem: str) -> None:
    assert problem_of(name) == problem


@pytest.mark.parametrize(
    "name", ["a", "a/b.sql", "..a", "a..", "...", "a/.hidden", "./a", "a//b", "é/日本", "10:30", "d/", "./"]
)
def test_an_ordinary_name_has_none(name: str) -> None:
    assert problem_of(name) is None


@pytest.mark.parametrize(("name", "key"), [("./a", "a"), ("a//b", "a/b"), ("a/./b", "a/b"), ("a/b/", "a/b")])
def test_names_are_normalised(name: str, key: str) -> None:
    assert normal(name) == key


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("a", "./a"),
        ("a/b", "a//b"),
        ("A.SQL", "a.sql"),
        ("caf\u00e9", "cafe\u0301"),
        ("STRASSE", "straße"),
        ("a./b", "a/b "),
    ],
)
def test_names_become_equal(one: str, two: str) -> None:
    assert folded(one) == folded(two)


@given(st.text(min_size=1))
def test_a_name_without_problem_leads_to_a_key_below_the_prefix(name: str) -> None:
    if problem_of(name) is None and not name.endswith("/"):
        segments = normal(name).split("/")
        assert all(segments)
        assert not {"..", "."} & set(segments)


@given(st.text())
def test_folding_is_stable(name: str) -> None:
    assert folded(folded(name)) == folded(name)
