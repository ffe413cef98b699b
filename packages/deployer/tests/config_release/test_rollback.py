"""A rollback switches to a release that is whole, and to no other."""

from pathlib import Path

import pytest
from support.config_releases import (
    FILES,
    NOW,
    ago,
    current,
    names_of,
    put_release,
    put_switch,
    release,
    route,
    stored,
)
from support.sandbox import Sandbox

from deployer.config_release.inventory import inventory
from deployer.config_release.publish import Origin, Route
from deployer.config_release.rollback import roll_back
from deployer.errors import ReleaseError

BY = Origin("someone else", None, "https://ci.invalid/9")


@pytest.fixture
def way(sandbox: Sandbox, tmp_path: Path) -> Route:
    """A config root in which aa11, bb22 and bb33 came into force, one a day."""
    made = route(sandbox, tmp_path)
    for days, name in ((3, "aa11"), (2, "bb22"), (1, "bb33")):
        put_release(made, release(name), at=ago(days=days))
    return made


def test_without_a_name_the_one_before_comes_back_and_history_has_it(sandbox: Sandbox, way: Route) -> None:
    sandbox.operations.clear()
    assert roll_back(way.store, None, BY, NOW) == ("bb22", "bb33")
    assert sandbox.mutations == ["PutObject"]
    found = current(sandbox, way)
    assert (found["release"], found["manifest"], found["files"]) == (
        "bb22",
        "releases/bb22/manifest.json",
        3,
    )
    last = found["history"][-1]
    assert (last["how"], last["by"], last["commit"]) == ("rollback", "someone else", "commit-of-bb22")
    assert roll_back(way.store, None, BY, NOW) == ("bb33", "bb22")


def test_the_beginning_of_a_digest_is_enough_when_it_is_the_only_one(sandbox: Sandbox, way: Route) -> None:
    assert roll_back(way.store, "aa", BY, NOW) == ("aa11", "bb33")
    with pytest.raises(ReleaseError, match="2 releases begin with 'bb': bb33, bb22"):
        roll_back(way.store, "bb", BY, NOW)
    with pytest.raises(ReleaseError, match="no release begins with 'cc'; there are: aa11, bb33, bb22"):
        roll_back(way.store, "cc", BY, NOW)
    sandbox.operations.clear()
    assert roll_back(way.store, "live", BY, NOW) == ("aa11", "aa11")
    assert sandbox.mutations == []


def test_a_release_that_is_not_whole_is_refused_and_nothing_is_switched(sandbox: Sandbox, way: Route) -> None:
    s3, prefix = sandbox.client("s3"), way.store.release_prefix("bb22")
    s3.delete_object(Bucket=way.store.bucket, Key=f"{prefix}metadata/dv_tables.csv")
    with pytest.raises(ReleaseError) as raised:
        roll_back(way.store, None, BY, NOW)
    assert str(raised.value) == (
        "release bb22 is published but damaged: metadata/dv_tables.csv is missing; "
        "push it again from commit commit-of-bb22"
    )
    s3.put_object(Bucket=way.store.bucket, Key=f"{prefix}metadata/dv_tables.csv", Body=b"x" * 30)
    with pytest.raises(ReleaseError, match=r"dv_tables.csv has other content"):
        roll_back(way.store, "bb22", BY, NOW)
    s3.put_object(Bucket=way.store.bucket, Key=f"{prefix}manifest.json", Body=b'{"version": 9}')
    with pytest.raises(ReleaseError, match=r"bb22 cannot be restored: .*manifest.json has version 9"):
        roll_back(way.store, "bb22", BY, NOW)
    assert current(sandbox, way)["release"] == "bb33"


def test_a_release_that_was_pruned_is_refused_with_its_commit(sandbox: Sandbox, way: Route) -> None:
    way.store.delete("bb22", sorted(release("bb22").everything))
    for asked in (None, "bb22", "bb2"):
        with pytest.raises(
            ReleaseError, match=r"release bb22 was pruned; check out commit commit-of-bb22 and push it again"
        ):
            roll_back(way.store, asked, BY, NOW)
    assert stored(sandbox, way) == names_of(release("aa11"), release("bb33"))


def test_a_release_that_is_being_pruned_is_refused(way: Route) -> None:
    way.store.write(way.store.current().marked(("aa11",), ago(minutes=5)))
    with pytest.raises(ReleaseError, match=r"release aa11 is being pruned since .*; wait until that prune"):
        roll_back(way.store, "aa11", BY, NOW)
    way.store.write(way.store.current().marked(("aa11",), ago(hours=2)))
    assert roll_back(way.store, "aa11", BY, NOW)[0] == "aa11"
    assert way.store.current().removing == {}


def test_without_an_earlier_release_there_is_nothing_to_go_back_to(sandbox: Sandbox, tmp_path: Path) -> None:
    made = route(sandbox, tmp_path, f"{sandbox.deploy_env}-one")
    with pytest.raises(ReleaseError, match="no release was in force before the current one"):
        roll_back(made.store, None, BY, NOW)
    put_release(made, release("aa11"), at=NOW)
    with pytest.raises(ReleaseError, match="no release was in force before the current one"):
        roll_back(made.store, None, BY, NOW)


def test_the_list_has_the_live_one_first_and_says_what_is_not_complete(way: Route) -> None:
    put_switch(way, "bb22", NOW)
    put_release(way, release("dd44"))
    way.store.delete("dd44", ["metadata/dv_tables.csv"])
    way.store.delete("aa11", ["manifest.json"])
    found = inventory(way.store)
    assert [item.release for item in found.releases] == ["bb22", "bb33", "dd44", "aa11"]
    assert [item.state for item in found.releases] == [
        "complete",
        "complete",
        f"incomplete: {len(FILES)} of {len(FILES) + 1} files",
        f"incomplete: {len(FILES) + 1} files without a manifest",
    ]
