"""Pruning: what is kept, what goes, and that a push at the same time never switches to what is deleted."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from support.config_releases import (
    NOW,
    ago,
    names_of,
    push,
    put_release,
    put_switch,
    release,
    route,
    stored,
)
from support.sandbox import Sandbox

from deployer.config_release.inventory import Inventory, StoredRelease
from deployer.config_release.pointer import Pointer, Switch, text_of
from deployer.config_release.pruning import Old, Rules, old_releases, prune
from deployer.config_release.publish import Origin, Route
from deployer.config_release.rollback import roll_back
from deployer.config_release.store import ReleaseStore
from deployer.errors import ReleaseError

HALF_A_DAY = timedelta(hours=12)
LATER = NOW + timedelta(days=1)  # what the endpoint has written is old enough then


def rules(keep: int = 1, pinned: Collection[str] = ()) -> Rules:
    return Rules(keep, pinned, HALF_A_DAY)


def item(name: str, modified: datetime, *, complete: bool = True) -> StoredRelease:
    return StoredRelease(name, {"a.sql": 1}, modified, {"a.sql": 1} if complete else {"a.sql": 1, "b.sql": 1})


def listed(switches: Sequence[tuple[str, datetime]], *more: StoredRelease) -> Inventory:
    """Releases that came into force at these times, oldest first, and others that never did."""
    pointer = Pointer(None, None)
    for name, at in switches:
        pointer = pointer.switched(Switch(name, text_of(at), "push"), 1)
    last = dict(sorted(switches, key=lambda switch: switch[1]))
    known = sorted(last.items(), key=lambda entry: entry[1], reverse=True)
    return Inventory(pointer, (*(item(name, at) for name, at in known), *more))


def gone(found: Inventory, asked: Rules, now: datetime = NOW) -> list[str]:
    return sorted(old.release for old in old_releases(found, asked, now))


def days(*numbers: int) -> list[tuple[str, datetime]]:
    return [(f"r{number}", ago(days=number)) for number in numbers]


def test_the_live_one_and_the_given_number_before_it_are_kept() -> None:
    found = listed(days(9, 8, 7, 6, 5))
    assert gone(found, rules(keep=2)) == ["r8", "r9"]
    assert gone(found, rules(keep=4)) == []


def test_a_release_that_an_execution_runs_is_kept_beside_them() -> None:
    assert gone(listed(days(9, 8, 7, 6, 5)), rules(keep=2, pinned=["r9"])) == ["r8"]


def test_order_is_that_of_the_last_time_in_force() -> None:
    found = listed([*days(9, 8, 7), ("r9", ago(days=6)), *days(5)])
    assert gone(found, rules(keep=1)) == ["r7", "r8"]


@pytest.mark.parametrize(("hours", "expected"), [(12, []), (14, ["r9"])])
def test_a_release_is_kept_as_long_as_an_execution_from_its_last_moment_may_run(
    hours: int, expected: list[str]
) -> None:
    found = listed([*days(9), ("b", ago(hours=hours)), ("c", ago(minutes=1))])
    assert gone(found, rules(keep=1)) == expected


def test_what_a_dead_push_left_behind_goes_when_no_push_can_still_write_it() -> None:
    fresh, old = (item("half", ago(minutes=minutes), complete=False) for minutes in (59, 61))
    assert gone(listed(days(3, 2, 1), fresh), rules(keep=9)) == []
    assert old_releases(listed(days(3, 2, 1), old), rules(keep=9), NOW) == (
        Old("half", "incomplete: 1 of 2 files", ("a.sql",)),
    )


def test_a_complete_release_without_history_counts_and_is_kept_for_the_longest_execution() -> None:
    unknown = item("before", ago(hours=12))
    assert gone(listed(days(2, 1), unknown), rules(keep=1)) == []
    assert gone(listed(days(2, 1), unknown), rules(keep=1), NOW + timedelta(hours=2)) == ["before"]
    assert gone(listed(days(2, 1), unknown), rules(keep=2), NOW + timedelta(hours=2)) == []


def test_a_damaged_release_takes_no_place_of_one_to_go_back_to() -> None:
    found = listed(days(9, 8, 7, 6))
    broken = tuple(
        item(stored.release, stored.modified, complete=stored.release != "r7") for stored in found.releases
    )
    assert gone(Inventory(found.pointer, broken), rules(keep=1)) == ["r7", "r9"]


def test_another_prune_at_work_is_left_alone_and_a_dead_one_is_finished() -> None:
    found = listed(days(9, 8, 7, 6))
    for minutes, expected in ((30, ["r9"]), (90, ["r8", "r9"])):
        pointer = found.pointer.marked(("r8",), ago(minutes=minutes))
        assert gone(Inventory(pointer, found.releases), rules(keep=1)) == expected


def test_nothing_is_pruned_without_a_pointer() -> None:
    assert gone(Inventory(Pointer(None, None), (item("half", ago(days=9), complete=False),)), rules()) == []


@pytest.fixture
def way(sandbox: Sandbox, tmp_path: Path) -> Route:
    """A config root in which aa11, bb22 and cc33 came into force, one a day."""
    made = route(sandbox, tmp_path)
    for number, name in ((4, "aa11"), (3, "bb22"), (2, "cc33")):
        put_release(made, release(name), at=ago(days=number))
    return made


def test_only_objects_of_old_releases_are_deleted(sandbox: Sandbox, way: Route) -> None:
    neighbour = f"{way.store.prefix}releases.txt"
    for key in (neighbour, f"{way.store.prefix}releases/aa112/keep.sql"):
        way.store.s3.put_object(Bucket=way.store.bucket, Key=key, Body=b"x")
    sandbox.operations.clear()
    assert [old.release for old in prune(way.store, rules(pinned=["aa112"]), LATER)] == ["aa11"]
    assert sandbox.mutations == ["PutObject", "DeleteObjects", "PutObject"]
    assert stored(sandbox, way) == names_of(release("bb22"), release("cc33")) | {"aa112/keep.sql"}
    assert sandbox.client("s3").head_object(Bucket=way.store.bucket, Key=neighbour)["ContentLength"] == 1
    assert way.store.current().removing == {}
    sandbox.operations.clear()
    assert prune(way.store, rules(pinned=["aa112"]), LATER) == ()
    assert sandbox.mutations == []


def test_a_push_between_the_listing_and_the_mark_keeps_everything(
    sandbox: Sandbox, way: Route, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody rolls back to the release that is about to go."""
    write, calls = ReleaseStore.write, 0

    def late(self: ReleaseStore, pointer: Pointer) -> Pointer:
        nonlocal calls
        calls += 1
        if calls == 1:
            monkeypatch.setattr(ReleaseStore, "write", write)
            roll_back(self, "aa11", Origin("other"), NOW)
        return write(self, pointer)

    monkeypatch.setattr(ReleaseStore, "write", late)
    with pytest.raises(ReleaseError, match="was changed by another push, rollback or prune"):
        prune(way.store, rules(), LATER)
    assert way.store.current().release == "aa11"
    assert stored(sandbox, way) == names_of(*(release(name) for name in ("aa11", "bb22", "cc33")))


def test_a_rollback_that_began_before_the_mark_does_not_switch_to_what_is_deleted(
    way: Route, monkeypatch: pytest.MonkeyPatch
) -> None:
    published = ReleaseStore.published

    def slow(self: ReleaseStore, name: str) -> dict[str, str]:
        whole = published(self, name)
        assert [old.release for old in prune(self, rules(), LATER)] == ["aa11"]
        return whole

    monkeypatch.setattr(ReleaseStore, "published", slow)
    with pytest.raises(ReleaseError, match="was changed by another push, rollback or prune"):
        roll_back(way.store, "aa11", Origin("other"), NOW)
    assert way.store.current().release == "cc33"


def test_a_push_of_a_release_that_is_being_deleted_waits(way: Route, monkeypatch: pytest.MonkeyPatch) -> None:
    delete = ReleaseStore.delete

    def meanwhile(self: ReleaseStore, name: str, names: Sequence[str]) -> None:
        with pytest.raises(ReleaseError, match="release aa11 is being pruned since"):
            push(release("aa11"), way, at=LATER)
        put_switch(way, "bb22", LATER)  # another switch is none of its business
        delete(self, name, names)

    monkeypatch.setattr(ReleaseStore, "delete", meanwhile)
    prune(way.store, rules(), LATER)
    assert (way.store.current().release, way.store.current().removing) == ("bb22", {})


@pytest.mark.parametrize("step", [1, 2, 3])
def test_a_prune_that_dies_is_finished_by_the_next(
    sandbox: Sandbox, way: Route, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It dies after the mark, after some objects, or before the marks are taken off."""

    def dies(self: ReleaseStore, *_: object) -> None:
        if step == 2:
            self.s3.delete_object(Bucket=self.bucket, Key=f"{self.release_prefix('aa11')}manifest.json")
        raise KeyboardInterrupt

    name = "deployer.config_release.pruning._unmark" if step == 3 else None
    with monkeypatch.context() as patch:
        if name:
            patch.setattr(name, dies)
        else:
            patch.setattr(ReleaseStore, "delete", dies)
        with pytest.raises(KeyboardInterrupt):
            prune(way.store, rules(), LATER)
    assert way.store.current().release == "cc33"
    after = LATER + timedelta(hours=1)
    prune(way.store, rules(), after)
    assert stored(sandbox, way) == names_of(release("bb22"), release("cc33"))
    put_release(way, release("aa11"))
    assert roll_back(way.store, "aa11", Origin("other"), after)[0] == "aa11"
    assert way.store.current().removing == {}


def test_a_prune_that_takes_too_long_stops(sandbox: Sandbox, way: Route) -> None:
    ticks = iter([0.0, 1801.0])
    with pytest.raises(ReleaseError, match="pruning takes too long, it stopped before release aa11"):
        prune(way.store, rules(), LATER, lambda: next(ticks))
    assert names_of(release("aa11")) <= stored(sandbox, way)
