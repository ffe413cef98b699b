"""Which objects are zipped, how they are called, and in which order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from download_zip import core
from download_zip.core import Member, SourceObject, pieces, select
from download_zip.errors import BadSource
from download_zip.events import Request, parse


def request(**change: object) -> Request:
    event = {"source_bucket": "source", "source_folder": "", "destination_bucket": "target"}
    return parse(event | change)


def listed(*keys: str, size: int = 1) -> list[SourceObject]:
    return [SourceObject(key, size, '"e"') for key in keys]


def names(wanted: Request, *keys: str) -> list[str]:
    return [member.name for member in select(listed(*keys), wanted).members]


def test_names_are_whole_keys_or_start_inside_the_folder() -> None:
    assert names(request(source_folder="a/b"), "a/b/c/x") == ["a/b/c/x"]
    assert names(request(source_folder="a/b", include_source_folder_in_zip=False), "a/b/c/x") == ["c/x"]


@given(st.permutations(["b", "c/z", "a", "B1", "é", "z/", "a-b"]))
def test_order_does_not_depend_on_the_listing(keys: list[str]) -> None:
    objects = [SourceObject(key, 0 if key.endswith("/") else 1, '"e"') for key in keys]
    assert [m.name for m in select(objects, request()).members] == ["B1", "a", "a-b", "b", "c/z", "é"]


@pytest.mark.parametrize("pattern", ["*.tmp", "x.tmp", "a/b/x.tmp", "a/*", "?.tmp", "[x].tmp"])
def test_a_pattern_matches_the_base_name_or_the_whole_key(pattern: str) -> None:
    selection = select(listed("a/b/x.tmp", "keep"), request(ignore_patterns=[pattern]))
    assert ([m.name for m in selection.members], selection.skipped) == (["keep"], 1)


@pytest.mark.parametrize("pattern", ["b/x.tmp", "*.TMP", "x"])
def test_a_pattern_does_not_match_part_of_a_key(pattern: str) -> None:
    assert names(request(ignore_patterns=[pattern]), "a/b/x.tmp") == ["a/b/x.tmp"]


def test_an_empty_list_of_patterns_is_the_default() -> None:
    assert names(request(ignore_patterns=[]), "old.zip", "keep") == ["keep"]


def test_a_pattern_that_matches_nothing_keeps_archives() -> None:
    assert names(request(ignore_patterns=["none"]), "old.zip") == ["old.zip"]


def test_the_archive_never_contains_its_own_destination() -> None:
    own = request(destination_bucket="source", destination_key="out/all.bin")
    selection = select(listed("out/all.bin", "x"), own)
    assert ([m.name for m in selection.members], selection.skipped) == (["x"], 1)


def test_the_same_key_in_another_bucket_is_an_ordinary_object() -> None:
    assert names(request(destination_key="out/all.bin"), "out/all.bin") == ["out/all.bin"]


def test_folder_markers_are_neither_zipped_nor_counted() -> None:
    selection = select([*listed("a/", size=0), *listed("a/x")], request())
    assert ([m.name for m in selection.members], selection.skipped) == (["a/x"], 0)


def test_an_empty_folder_is_an_error_that_says_what_was_looked_at() -> None:
    message = r"nothing to zip below s3://source/a/: 2 objects skipped by ignore_patterns \['\*\.zip'\]"
    with pytest.raises(BadSource, match=message):
        select(listed("a/1.zip", "a/2.zip"), request(source_folder="a"))


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        ("a/../b", "has a '..' segment"),
        ("..", "has a '..' segment"),
        ("/etc/passwd", "is absolute"),
        ("a//b", "has an empty or '.' segment"),
        ("./a", "has an empty or '.' segment"),
        ("a\\b", "has a backslash"),
        ("C:x", "starts with a drive letter"),
        ("a\nb", "has a control character"),
        ("a\x7f", "has a control character"),
        ("a\u2028b", "has a control character"),
        ("a\u200b", "has a control character"),
        ("a/.. /b", "has a '..' segment"),
        ("a/b/", "ends in '/' but holds data"),
    ],
)
def test_a_key_that_no_archive_may_carry_is_named(key: str, problem: str) -> None:
    with pytest.raises(BadSource) as caught:
        select(listed("fine", key), request())
    assert f"s3://source: 1 keys cannot be archive names: {key!r} {problem}" in str(caught.value)


def test_stripping_the_folder_can_make_a_name_absolute() -> None:
    stripped = request(source_folder="a", include_source_folder_in_zip=False)
    with pytest.raises(BadSource, match="'a//x' is absolute"):
        select(listed("a//x"), stripped)


@pytest.mark.parametrize(
    ("one", "two"), [("A.sql", "a.sql"), ("caf\u00e9", "cafe\u0301"), ("STRASSE", "straße"), ("a./b", "a/b")]
)
def test_names_that_some_systems_take_for_one_are_refused(one: str, two: str) -> None:
    with pytest.raises(
        BadSource, match=r"differs from .* only in case, accents' encoding or dots at the end"
    ):
        select(listed(one, two), request())


@pytest.mark.parametrize(
    ("file", "inside"),
    [("a", "a/b.sql"), ("x/A", "x/a/b/c"), ("caf\u00e9", "cafe\u0301/menu"), ("a.", "a/b")],
)
@pytest.mark.parametrize("turned", [False, True])
def test_a_key_that_is_file_and_folder_is_refused(file: str, inside: str, turned: bool) -> None:
    keys = [inside, "between", file] if turned else [file, "between", inside]
    with pytest.raises(BadSource) as caught:
        select(listed(*keys), request())
    assert f"{file!r} is a file and the folder of {inside!r}" in str(caught.value)


def test_a_file_beside_a_folder_with_a_longer_name_is_fine() -> None:
    assert names(request(), "a", "ab/c", "a.b/c") == ["a", "a.b/c", "ab/c"]


def test_many_bad_keys_are_counted_and_the_first_ones_shown() -> None:
    with pytest.raises(BadSource, match=r"9 keys cannot be archive names: '/0' is absolute; ") as caught:
        select(listed(*[f"/{n}" for n in range(9)]), request())
    assert "'/4'" in str(caught.value)
    assert "'/5'" not in str(caught.value)


@given(st.lists(st.integers(0, 50), max_size=5), st.integers(1, 20))
def test_pieces_cover_every_byte_once_in_order(sizes: list[int], piece_bytes: int) -> None:
    members = [Member(str(n), SourceObject(str(n), size, '"e"')) for n, size in enumerate(sizes)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(core, "PIECE_BYTES", piece_bytes)
        cut = list(pieces(members))
    for member in members:
        own = [piece for piece in cut if piece.member == member]
        assert own
        assert [piece.start for piece in own] == [n * piece_bytes for n in range(len(own))]
        assert sum(piece.length for piece in own) == member.source.size
        assert all(piece.length <= piece_bytes for piece in own)
    assert [piece.member for piece in cut] == sorted(
        (piece.member for piece in cut), key=lambda m: int(m.name)
    )
