"""A push that dies at any step leaves the release before in force, and the next push completes it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from support.config_releases import (
    NOW,
    ago,
    names_of,
    other,
    push,
    put_release,
    release,
    stored,
    wipe,
)
from support.killed_calls import Calls, Side, Target
from support.sandbox import Sandbox

from deployer.config_release.inventory import inventory
from deployer.config_release.pruning import Rules, prune
from deployer.config_release.publish import Route
from deployer.errors import InvokeError, ReleaseError

OLDEST, OLD, NEW = release("aa-oldest"), release("bb-old"), release("cc-new")


@pytest.fixture
def way(deployed: Sandbox, root: Route) -> Route:
    """A config root in which two releases came into force long ago."""
    return renewed(deployed, root)


def renewed(sandbox: Sandbox, way: Route) -> Route:
    """The same root as it was."""
    wipe(sandbox, way)
    put_release(way, OLDEST, at=ago(days=9))
    put_release(way, OLD, at=ago(days=8))
    return way


def push_and_prune(way: Route, years: int = 1) -> None:
    """What `configs push --keep 1` does, at a time when all that is stored is old."""
    push(NEW, way)
    prune(way.store, Rules(1, (), timedelta(hours=12)), NOW + timedelta(days=365 * years))


def in_force(way: Route) -> str:
    """The release in force, which must be whole."""
    live, *_ = inventory(way.store).releases
    assert (live.release, live.is_complete) == (way.store.current().release, True)
    return live.release


@contextmanager
def watched(sandbox: Sandbox) -> Iterator[Calls]:
    clients = [sandbox.clients.s3, sandbox.clients.functions]
    with Calls(sandbox.deploy_env).watching([client.meta.events for client in clients]) as calls:
        yield calls


def test_a_push_that_is_killed_at_any_call_is_completed_by_the_next(deployed: Sandbox, way: Route) -> None:
    """Before and after each call that changes something, from the archive to the last mark of the prune."""
    with watched(deployed) as calls:
        made = calls.of(lambda: push_and_prune(way))
        assert [boundary.operation for boundary in made] == [
            "PutObject",  # the archive
            "Invoke",
            "PutObject",  # the switch
            "PutObject",  # the mark
            "DeleteObjects",
            "PutObject",  # the mark is taken off
        ]
        finished = names_of(OLD, NEW)
        assert (in_force(way), stored(deployed, way)) == ("cc-new", finished)
        # before a call the state is that after the one before it
        targets = [Target(made[0], Side.BEFORE), *(Target(boundary, Side.AFTER) for boundary in made)]
        for number, target in enumerate(targets):
            renewed(deployed, way)
            assert calls.killed(lambda: push_and_prune(way), [target]) == [target]
            assert in_force(way) == ("bb-old" if number < len(made) - 3 else "cc-new"), target
            push_and_prune(way, years=2)  # what a dead prune has marked is old then
            assert (in_force(way), stored(deployed, way)) == ("cc-new", finished), target


def test_an_upload_that_fails_in_the_middle_leaves_the_old_release(deployed: Sandbox, way: Route) -> None:
    wanted = release("dies-once")
    with pytest.raises(InvokeError, match="RuntimeError: out of memory"):
        push(wanted, way)
    assert in_force(way) == "bb-old"
    assert inventory(way.store).releases[-1].state == "incomplete: 1 files without a manifest"
    assert push(wanted, way).switched
    assert in_force(way) == "dies-once"
    assert stored(deployed, way) == names_of(OLDEST, OLD, wanted)


def test_an_archive_that_arrives_cut_short_leaves_the_old_release(deployed: Sandbox, way: Route) -> None:
    wanted, place = release("cut"), way.environment.release_route

    def cut(said: str) -> None:
        if said.startswith("sent "):
            key = f"{place.input_prefix}cut.zip"
            s3 = deployed.client("s3")
            whole = s3.get_object(Bucket=place.input_bucket, Key=key)["Body"].read()
            s3.put_object(Bucket=place.input_bucket, Key=key, Body=whole[: len(whole) // 2])

    with pytest.raises(InvokeError, match="BadZipFile"):
        push(wanted, way, cut)
    assert (in_force(way), stored(deployed, way)) == ("bb-old", names_of(OLDEST, OLD))
    push(wanted, way)
    assert in_force(way) == "cut"


def test_of_two_pushes_at_once_one_is_refused_and_may_push_again(way: Route) -> None:
    mine, theirs = release("mine"), release("theirs")

    def meanwhile(said: str) -> None:
        if said.startswith("verified"):
            push(theirs, other(way, "somebody else"))

    with pytest.raises(ReleaseError, match=r"was changed by another push, .* and push again"):
        push(mine, way, meanwhile)
    assert in_force(way) == "theirs"
    said: list[str] = []
    assert push(mine, way, said.append).previous == "theirs"
    assert said == ["release mine is already published: not sent again"]
    assert [switch.by for switch in way.store.current().history[-2:]] == ["somebody else", "tester"]


def test_what_a_dead_push_left_behind_is_pruned_by_the_next_one(deployed: Sandbox, way: Route) -> None:
    with pytest.raises(InvokeError):
        push(release("dies-and-stays"), way)
    assert any(name.startswith("dies-and-stays/") for name in stored(deployed, way))
    push_and_prune(way)
    assert stored(deployed, way) == names_of(OLD, NEW)
