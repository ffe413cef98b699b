"""The pointer and its history: what was in force when, also where nobody recorded it."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from deployer.config_release.pointer import MOST_SWITCHES, UNRECORDED, Pointer, Switch, dumped, parse, text_of

START = datetime(2026, 6, 1, 9, 30, tzinfo=UTC)


def at(hour: int) -> datetime:
    return START + timedelta(hours=hour)


def after(*releases: str) -> Pointer:
    """The pointer after one switch an hour."""
    pointer = Pointer(None, None)
    for hour, release in enumerate(releases):
        pointer = pointer.switched(Switch(release, text_of(at(hour)), "push", commit=f"{release}{hour}"), 3)
    return pointer


def test_previous_is_what_was_in_force_before() -> None:
    assert after().previous is None
    assert after("a").previous is None
    assert after("a", "b").previous == "a"
    assert after("a", "b", "a").previous == "b"
    assert after("a", "b", "c", "b").previous == "c"


def test_a_release_is_out_of_force_since_the_switch_that_followed_its_last_one() -> None:
    pointer = after("a", "b", "a", "c")
    assert pointer.out_of_force_since("a") == at(3)
    assert pointer.out_of_force_since("b") == at(2)
    assert pointer.out_of_force_since("c") is None
    assert pointer.out_of_force_since("never") is None


def test_content_is_what_was_written() -> None:
    pointer = after("a", "b").marked(("x",), at(5))
    assert parse(dumped(pointer), "e", at(9)) == Pointer(
        "b", "e", 3, pointer.history, {"x": text_of(at(5))}, 3
    )
    bare = {"release", "manifest", "files", "revision", "history"}
    assert json.loads(dumped(pointer.unmarked(("x",)))).keys() == bare


def test_the_same_content_never_comes_back() -> None:
    pointer = after("a", "b")
    assert dumped(pointer.marked(("x",), at(5)).unmarked(("x",))) != dumped(pointer)


def test_a_pointer_without_history_begins_one() -> None:
    pointer = parse(b'{"release": "a", "manifest": "releases/a/manifest.json", "files": 2}', "e", at(0))
    assert pointer.history == (Switch("a", text_of(at(0)), UNRECORDED),)
    followed = pointer.switched(Switch("b", text_of(at(1)), "push"), 2)
    assert (followed.previous, followed.out_of_force_since("a")) == ("a", at(1))


def test_a_switch_by_a_program_that_keeps_no_history_is_added() -> None:
    content = json.loads(dumped(after("a", "b"))) | {"release": "x"}
    assert parse(json.dumps(content).encode(), "e", at(7)).previous == "b"


def test_the_history_stays_small_enough_to_be_read_by_every_run() -> None:
    pointer = after(*(f"{number:032x}" for number in range(MOST_SWITCHES + 5)))
    assert len(pointer.history) == MOST_SWITCHES
    assert len(dumped(pointer)) < 64 * 1024


def test_a_release_is_being_removed_until_its_prune_must_have_ended() -> None:
    pointer = after("a").marked(("x",), at(0))
    assert pointer.is_being_removed("x", at(0) + timedelta(minutes=59))
    assert not pointer.is_being_removed("x", at(1))
    assert not pointer.is_being_removed("a", at(0))


@pytest.mark.parametrize("text", [b"[]", b"{}", b'{"release": "a", "history": [{"at": 1}]}', b"no"])
def test_other_content_is_refused(text: bytes) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        parse(text, "e", at(0))
