"""How a release travels: deterministic, verified before it is current, never half switched."""

import json
from pathlib import Path
from typing import Any

import pytest
from support.build_output import write_lambda
from support.environments import BUCKETS, environment
from support.sandbox import Sandbox

from deployer.config_release.publish import Route, differences, publish, require_enough, roll_back
from deployer.config_release.store import Pointer, ReleaseStore
from deployer.errors import ReleaseError
from sql_tree.release.contents import Release, digests

FILES = {"EDV/A/2_DV_INSERT.sql": b"SELECT 1", "metadata/dv_tables.csv": b"etl_dv_tbl_id|dv_tbl_nm\n1|A\n"}
LOSES_ONE = """
import io, zipfile


def handler(event, context):
    import boto3

    s3, target = boto3.client("s3"), event["output"]
    body = s3.get_object(Bucket=event["input"]["bucket"], Key=event["input"]["key"])["Body"].read()
    archive = zipfile.ZipFile(io.BytesIO(body))
    for name in archive.namelist()[1:]:
        s3.put_object(Bucket=target["bucket"], Key=target["prefix"] + "/" + name, Body=b"other")
"""


def _release(name: str, files: dict[str, bytes] | None = None) -> Release:
    found = files or FILES
    entries = {path: {"sha256": digest} for path, digest in digests(found).items()}
    return Release(name, found, {"release": name, "files": entries})


def _route(sandbox: Sandbox, records: Path) -> Route:
    prefix = f"{sandbox.deploy_env}/_configs/"
    sandbox.changes = {"configUpload": {"outputPrefix": prefix}}
    deployment = sandbox.open()
    return Route(
        environment=deployment.environment,
        store=ReleaseStore(sandbox.clients.s3, BUCKETS[2], prefix),
        functions=sandbox.clients.functions,
        function_name=sandbox.name("UploadConfig"),
        debug=False,
        records=records,
    )


def _current(sandbox: Sandbox, route: Route) -> Any:
    body = sandbox.client("s3").get_object(Bucket=BUCKETS[2], Key=route.store.pointer_key)["Body"]
    return json.loads(body.read())


def test_push_expands_verifies_switches_and_keeps_a_record(sandbox: Sandbox, tmp_path: Path) -> None:
    route = _route(sandbox, tmp_path / "records")
    sandbox.deploy()
    said: list[str] = []
    published = publish(_release("r1"), route, said.append)
    assert published.switched
    assert published.sent > 0
    assert said[-1] == "verified 3 objects by digest"
    assert _current(sandbox, route) == {"release": "r1", "manifest": "releases/r1/manifest.json", "files": 2}
    assert json.loads((tmp_path / "records" / "r1.json").read_text())["previous"] is None
    assert (tmp_path / "records" / "r1.zip").is_file()


def test_identical_release_is_not_sent_again(sandbox: Sandbox, tmp_path: Path) -> None:
    route = _route(sandbox, tmp_path)
    sandbox.deploy()
    publish(_release("r1"), route, lambda _: None)
    sandbox.operations.clear()
    published = publish(_release("r1"), route, lambda _: None)
    assert (published.sent, published.switched) == (0, False)
    assert sandbox.mutations == []


def test_damaged_release_is_sent_again(sandbox: Sandbox, tmp_path: Path) -> None:
    route = _route(sandbox, tmp_path)
    sandbox.deploy()
    publish(_release("r1"), route, lambda _: None)
    key = f"{route.store.release_prefix('r1')}metadata/dv_tables.csv"
    sandbox.client("s3").put_object(Bucket=BUCKETS[2], Key=key, Body=b"edited by hand")
    assert publish(_release("r1"), route, lambda _: None).sent > 0
    assert (
        sandbox.client("s3").get_object(Bucket=BUCKETS[2], Key=key)["Body"].read()
        == FILES["metadata/dv_tables.csv"]
    )


def test_release_that_arrives_damaged_never_becomes_current(sandbox: Sandbox, tmp_path: Path) -> None:
    route = _route(sandbox, tmp_path)
    sandbox.deploy()
    publish(_release("r1"), route, lambda _: None)
    write_lambda(sandbox.build_dir, "lambda-upload-config", LOSES_ONE)
    sandbox.deploy()
    with pytest.raises(ReleaseError) as raised:
        publish(_release("r2"), route, lambda _: None)
    message = str(raised.value)
    assert "release r2 is not what was sent: EDV/A/2_DV_INSERT.sql is missing; " in message
    assert "manifest.json has other content" in message
    assert "current.json was not touched" in message
    assert _current(sandbox, route)["release"] == "r1"


def test_pointer_switched_by_another_push_is_not_overwritten(sandbox: Sandbox, tmp_path: Path) -> None:
    route = _route(sandbox, tmp_path)
    store = route.store
    store.switch({"release": "r1"}, Pointer(None, None))
    seen = store.current()
    store.switch({"release": "r2"}, seen)
    with pytest.raises(
        ReleaseError, match=r"was changed by another push since it was read .it pointed at r1.;"
    ):
        store.switch({"release": "r3"}, seen)
    with pytest.raises(ReleaseError, match="it pointed at nothing"):
        store.switch({"release": "r3"}, Pointer(None, None))
    assert store.current().release == "r2"


def test_pointer_that_is_no_pointer_is_named(sandbox: Sandbox, tmp_path: Path) -> None:
    store = _route(sandbox, tmp_path).store
    sandbox.client("s3").put_object(Bucket=BUCKETS[2], Key=store.pointer_key, Body=b"[]")
    with pytest.raises(
        ReleaseError, match=r"current.json is not a pointer to a release .*; delete it and push again"
    ):
        store.current()


def test_rollback_is_a_pointer_to_a_release_that_is_whole(sandbox: Sandbox, tmp_path: Path) -> None:
    route = _route(sandbox, tmp_path)
    sandbox.deploy()
    publish(_release("r1"), route, lambda _: None)
    publish(_release("r2", {"a.sql": b"2"}), route, lambda _: None)
    sandbox.operations.clear()
    assert roll_back(route.store, "r1") == "r2"
    assert sandbox.mutations == ["PutObject"]
    assert _current(sandbox, route) == {"release": "r1", "manifest": "releases/r1/manifest.json", "files": 2}
    sandbox.client("s3").delete_object(Bucket=BUCKETS[2], Key=f"{route.store.release_prefix('r2')}a.sql")
    with pytest.raises(
        ReleaseError, match=r"release r2 is published but damaged: a.sql is missing; push it again"
    ):
        roll_back(route.store, "r2")
    with pytest.raises(
        ReleaseError, match=r"release r9 is not published: s3://.*/releases/r9/manifest.json does not"
    ):
        roll_back(route.store, "r9")
    assert _current(sandbox, route)["release"] == "r1"


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
