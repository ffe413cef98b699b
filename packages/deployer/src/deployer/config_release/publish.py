"""Publishes a compiled release: sends the zip, lets UploadConfig expand it, verifies it, then switches the pointer."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deployer.config_release.pointer import LONGEST_PRUNE, Pointer, Switch, moment_of, text_of
from deployer.config_release.store import ReleaseStore
from deployer.environment_file import Environment
from deployer.errors import ReleaseError
from deployer.invoke.deployed import call
from deployer.model.permissions import Permission, Scope
from sql_tree.release.archive import archive
from sql_tree.release.contents import Release, digests

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

_NAMED = 5


def _archives(scope: Scope) -> list[str]:
    route = scope.environment.release_route
    return [f"{scope.names.objects_arn(route.input_bucket, route.input_prefix)}.zip"]


PERMISSIONS = (Permission("SendConfigs", "s3:PutObject", _archives),)


@dataclass(frozen=True)
class Published:
    """What a push did: `sent` bytes (0: the release was already published) and whether the pointer was switched."""

    release: str
    files: int
    sent: int
    switched: bool
    previous: str | None


@dataclass(frozen=True)
class Origin:
    """Who switches to a release, and from which commit and build."""

    by: str
    commit: str | None = None
    build_url: str | None = None


@dataclass(frozen=True)
class Route:
    """Clients and settings of one push."""

    environment: Environment
    store: ReleaseStore
    functions: "LambdaClient"
    function_name: str
    debug: bool
    records: Path
    origin: Origin


Say = Callable[[str], None]
Clock = Callable[[], datetime]


def publish(release: Release, route: Route, say: Say, now: Clock) -> Published:
    """Makes the release current; sends it only when it is not published yet. Raises ReleaseError.

    The pointer is read first and switched last, on the condition that it is still the same: whatever ends a push before
    leaves the old release in force.
    """
    require_enough(len(release.files), route.environment)
    wanted = digests(release.everything)
    seen = route.store.current()
    refuse_removed(release.release, seen, now())
    sent = 0
    if differences(wanted, route.store.published(release.release)):
        sent = _send(release, route, say)
        _verify(release, wanted, route)
        say(f"verified {len(wanted)} objects by digest")
    else:
        say(f"release {release.release} is already published: not sent again")
    switched = seen.release != release.release
    if switched:
        origin = route.origin
        switch = Switch(release.release, text_of(now()), "push", origin.by, origin.commit, origin.build_url)
        route.store.write(seen.switched(switch, len(release.files)))
    published = Published(release.release, len(release.files), sent, switched, seen.release)
    _record(published, route)
    return published


def refuse_removed(release: str, seen: Pointer, now: datetime) -> None:
    """Refuses a release that a prune is deleting at this moment."""
    if seen.is_being_removed(release, now):
        until = moment_of(seen.removing[release]) + LONGEST_PRUNE
        raise ReleaseError(
            f"release {release} is being pruned since {seen.removing[release]}; wait until that prune has ended "
            f"(if it died: until {text_of(until)}) and push again"
        )


def require_enough(count: int, environment: Environment) -> None:
    """Refuses a tree with fewer files than `configUpload.minExpectedObjects`: an incomplete checkout, most likely."""
    least = environment.config.config_upload.min_expected_objects
    if count < least:
        raise ReleaseError(
            f"the release has {count} files but configUpload.minExpectedObjects is {least}; "
            f"nothing was sent; check the source directory or lower the number"
        )


def differences(wanted: Mapping[str, str], found: Mapping[str, str]) -> list[str]:
    """One line per file that is missing, extra or different."""
    missing = [f"{name} is missing" for name in sorted(wanted.keys() - found.keys())]
    extra = [f"{name} does not belong to the release" for name in sorted(found.keys() - wanted.keys())]
    changed = [
        f"{name} has other content"
        for name in sorted(wanted.keys() & found.keys())
        if wanted[name] != found[name]
    ]
    return [*missing, *extra, *changed]


def _send(release: Release, route: Route, say: Say) -> int:
    data, place = archive(release.everything), route.environment.release_route
    key = f"{place.input_prefix}{release.release}.zip"
    _keep(route.records / f"{release.release}.zip", data)
    route.store.s3.put_object(Bucket=place.input_bucket, Key=key, Body=data)
    say(f"sent {len(data)} bytes to s3://{place.input_bucket}/{key}")
    answer = call(route.functions, route.function_name, _event(release.release, key, route))
    found = answer if isinstance(answer, dict) else {}
    say(
        f"{route.function_name} wrote {found.get('uploaded', '?')} objects, skipped {found.get('skipped', '?')}"
    )
    for name in found.get("keys") or ():
        say(f"  {name}")
    return len(data)


def _event(release: str, key: str, route: Route) -> dict[str, Any]:
    place = route.environment.release_route
    prefix = route.store.release_prefix(release).rstrip("/")
    # Overwriting is safe: an incomplete release is never current, and its name is the digest of its content.
    return {
        "input": {"bucket": place.input_bucket, "key": key},
        "output": {"bucket": place.output_bucket, "prefix": prefix},
        "overwrite": True,
        "debug": route.debug,
    }


def _verify(release: Release, wanted: Mapping[str, str], route: Route) -> None:
    problems = differences(wanted, route.store.published(release.release))
    if problems:
        raise ReleaseError(
            f"release {release.release} is not what was sent: {some(problems)}; current.json was not touched; "
            f"look at the log of {route.function_name} and push again"
        )


def some(problems: list[str]) -> str:
    """The first problems, and how many more there are."""
    more = f"; and {len(problems) - _NAMED} more" if len(problems) > _NAMED else ""
    return "; ".join(problems[:_NAMED]) + more


def _record(published: Published, route: Route) -> None:
    place = route.environment.release_route
    record = {
        "environment": route.environment.name,
        "root": place.root,
        "release": published.release,
        "files": published.files,
        "bytes_sent": published.sent,
        "switched": published.switched,
        "previous": published.previous,
    }
    _keep(route.records / f"{published.release}.json", f"{json.dumps(record, indent=2)}\n".encode())


def _keep(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
