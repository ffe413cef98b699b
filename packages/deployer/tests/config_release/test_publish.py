"""How a release travels: deterministic, verified before it is current, never half switched."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from botocore.exceptions import EndpointConnectionError
from support.config_releases import FILES, NOW, current, push, release, route
from support.environments import BUCKETS, environment
from support.sandbox import Sandbox

from deployer.config_release.pointer import text_of
from deployer.config_release.publish import Route, differences, require_enough
from deployer.config_release.store import ReleaseStore
from deployer.errors import ReleaseError


def test_push_expands_verifies_switches_and_keeps_a_record(deployed: Sandbox, root: Route) -> None:
    said: list[str] = []
    published = push(release("r1", FILES), root, said.append)
    assert published.switched
    assert published.sent > 0
    assert said[-1] == "verified 3 objects by digest"
    switch = {
        "release": "r1",
        "at": text_of(NOW),
        "how": "push",
        "by": "tester",
        "commit": "c0ffee",
        "build_url": "https://ci.invalid/7",
    }
    assert current(deployed, root) == {
        "release": "r1",
        "manifest": "releases/r1/manifest.json",
        "files": 2,
        "revision": 1,
        "history": [switch],
    }
    assert json.loads((root.records / "r1.json").read_text())["previous"] is None
    assert (root.records / "r1.zip").is_file()


def test_identical_release_is_not_sent_again(deployed: Sandbox, root: Route) -> None:
    push(release("r1", FILES), root)
    deployed.operations.clear()
    published = push(release("r1", FILES), root)
    assert (published.sent, published.switched) == (0, False)
    assert deployed.mutations == []


def test_damaged_release_is_sent_again(deployed: Sandbox, root: Route) -> None:
    push(release("r1", FILES), root)
    key = f"{root.store.release_prefix('r1')}metadata/dv_tables.csv"
    deployed.client("s3").put_object(Bucket=BUCKETS[2], Key=key, Body=b"edited by hand")
    assert push(release("r1", FILES), root).sent > 0
    assert (
        deployed.client("s3").get_object(Bucket=BUCKETS[2], Key=key)["Body"].read()
        == FILES["metadata/dv_tables.csv"]
    )


def test_release_that_arrives_damaged_never_becomes_current(deployed: Sandbox, root: Route) -> None:
    push(release("r1", FILES), root)
    with pytest.raises(ReleaseError) as raised:
        push(release("loses", FILES), root)
    message = str(raised.value)
    assert "release loses is not what was sent: EDV/A/2_DV_INSERT.sql is missing; " in message
    assert "manifest.json has other content" in message
    assert "current.json was not touched" in message
    assert current(deployed, root)["release"] == "r1"


def test_pointer_switched_by_another_push_is_not_overwritten(sandbox: Sandbox, tmp_path: Path) -> None:
    store = route(sandbox, tmp_path).store
    empty = store.current()
    seen = store.write(replace(empty, release="r1"))
    store.write(replace(seen, release="r2"))
    for old in (seen, empty):
        with pytest.raises(ReleaseError, match="was changed by another push, rollback or prune since it was"):
            store.write(replace(old, release="r3"))
    assert store.current().release == "r2"


@pytest.mark.parametrize("was_done", [True, False])
def test_an_answer_that_is_lost_when_switching_is_looked_up(
    sandbox: Sandbox, tmp_path: Path, was_done: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = route(sandbox, tmp_path).store
    seen = store.write(replace(store.current(), release="r1"))
    send = type(store)._put

    def lost(self: ReleaseStore, body: bytes, etag: str | None) -> str:
        if was_done:
            send(self, body, etag)
        raise EndpointConnectionError(endpoint_url="https://s3.invalid")

    monkeypatch.setattr(ReleaseStore, "_put", lost)
    if was_done:
        assert store.write(replace(seen, release="r2")).etag == store.current().etag
    else:
        with pytest.raises(EndpointConnectionError):
            store.write(replace(seen, release="r2"))
    assert store.current().release == ("r2" if was_done else "r1")


def test_a_second_try_that_is_refused_after_the_first_was_done_is_no_failure(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = route(sandbox, tmp_path).store
    seen = store.write(replace(store.current(), release="r1"))
    send = type(store)._put

    def twice(self: ReleaseStore, body: bytes, etag: str | None) -> str:
        send(self, body, etag)
        return send(self, body, etag)

    monkeypatch.setattr(ReleaseStore, "_put", twice)
    assert store.write(replace(seen, release="r2")).release == "r2"
    assert store.current().release == "r2"


def test_pointer_that_is_no_pointer_is_named(sandbox: Sandbox, tmp_path: Path) -> None:
    store = route(sandbox, tmp_path).store
    sandbox.client("s3").put_object(Bucket=BUCKETS[2], Key=store.pointer_key, Body=b"[]")
    with pytest.raises(
        ReleaseError, match=r"current.json is not a pointer to a release .*; delete it and push again"
    ):
        store.current()


def test_too_small_a_tree_is_refused_before_anything_is_sent() -> None:
    with pytest.raises(
        ReleaseError, match=r"the release has 2 files but configUpload.minExpectedObjects is 5; nothing"
    ):
        require_enough(2, environment(configUpload={"minExpectedObjects": "5"}))


def test_differences_name_missing_extra_and_changed() -> None:
    assert differences({"a": "1", "b": "2"}, {"b": "3", "c": "4"}) == [
        "a is missing",
        "c does not belong to the release",
        "b has other content",
    ]
