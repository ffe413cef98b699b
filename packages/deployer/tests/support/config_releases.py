"""Config releases of a few small files, and the way they take in a sandbox."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from deployer.config_release.pointer import Switch, text_of
from deployer.config_release.publish import Origin, Published, Route, publish
from deployer.config_release.store import ReleaseStore
from sql_tree.release.contents import Release, digests
from support.environments import BUCKETS
from support.sandbox import Sandbox

FILES = {"EDV/A/2_DV_INSERT.sql": b"SELECT 1", "metadata/dv_tables.csv": b"etl_dv_tbl_id|dv_tbl_nm\n1|A\n"}
NOW = datetime.now(UTC)


def release(name: str, files: dict[str, bytes] | None = None) -> Release:
    """A release of the given files, by default `FILES` and one that is its own."""
    found = files or {**FILES, f"EDV/{name.upper()}/1_X.sql": name.encode()}
    entries = {path: {"sha256": digest, "size": len(found[path])} for path, digest in digests(found).items()}
    return Release(name, found, {"version": 1, "release": name, "files": entries, "tables": {}})


def route(sandbox: Sandbox, records: Path, prefix: str = "") -> Route:
    """The way to a config root of the sandbox's own."""
    root = f"{prefix or sandbox.deploy_env}/_configs/"
    sandbox.changes = {"configUpload": {"outputPrefix": root}}
    deployment = sandbox.open()
    return Route(
        environment=deployment.environment,
        store=ReleaseStore(sandbox.clients.s3, BUCKETS[2], root),
        functions=sandbox.clients.functions,
        function_name=sandbox.name("UploadConfig"),
        debug=False,
        records=records,
        origin=Origin("tester", "c0ffee", "https://ci.invalid/7"),
    )


def push(
    wanted: Release, way: Route, say: Callable[[str], None] = lambda _: None, at: datetime = NOW
) -> Published:
    """Publishes a release at a fixed time."""
    return publish(wanted, way, say, lambda: at)


def put_release(way: Route, wanted: Release, *, at: datetime | None = None) -> None:
    """Writes a release's objects by hand; with `at` it came into force then, as if it had been pushed."""
    for name, data in wanted.everything.items():
        key = f"{way.store.release_prefix(wanted.release)}{name}"
        way.store.s3.put_object(Bucket=way.store.bucket, Key=key, Body=data)
    if at is not None:
        put_switch(way, wanted.release, at)


def put_switch(way: Route, name: str, at: datetime) -> None:
    """Switches the pointer by hand."""
    seen = way.store.current()
    way.store.write(seen.switched(Switch(name, text_of(at), "push", "tester", f"commit-of-{name}"), 3))


def ago(**units: int) -> datetime:
    return NOW - timedelta(**units)


def current(sandbox: Sandbox, way: Route) -> Any:
    """Content of `current.json`, as it is stored."""
    body = sandbox.client("s3").get_object(Bucket=way.store.bucket, Key=way.store.pointer_key)["Body"]
    return json.loads(body.read())


def stored(sandbox: Sandbox, way: Route) -> set[str]:
    """Names of all objects below `releases/`."""
    answer = sandbox.client("s3").list_objects_v2(Bucket=way.store.bucket, Prefix=way.store.releases_prefix)
    return {item["Key"].removeprefix(way.store.releases_prefix) for item in answer.get("Contents", ())}


def wipe(sandbox: Sandbox, way: Route) -> None:
    """Deletes everything below the config root."""
    s3, bucket = sandbox.client("s3"), way.store.bucket
    for found in s3.list_objects_v2(Bucket=bucket, Prefix=way.store.prefix).get("Contents", ()):
        s3.delete_object(Bucket=bucket, Key=found["Key"])


def names_of(*releases: Release) -> set[str]:
    """Names of the objects that these releases consist of."""
    return {f"{item.release}/{name}" for item in releases for name in item.everything}


def other(way: Route, by: str) -> Route:
    """The same way for somebody else."""
    return replace(way, origin=Origin(by))
