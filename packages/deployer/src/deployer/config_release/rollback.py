"""Makes an earlier release current again, after comparing every byte with its manifest."""

from datetime import datetime

from deployer.config_release.inventory import PREVIOUS, gone, inventory
from deployer.config_release.pointer import Pointer, Switch, text_of
from deployer.config_release.publish import Origin, differences, refuse_removed, some
from deployer.config_release.store import ReleaseStore
from deployer.errors import ReleaseError
from sql_tree.errors import SqlTreeError
from sql_tree.release.contents import MANIFEST
from sql_tree.release.lineage import lineage


def roll_back(
    store: ReleaseStore, asked: str | None, origin: Origin, now: datetime
) -> tuple[str, str | None]:
    """Makes a release current, by default the one before; returns it and the one it replaces. Raises ReleaseError.

    `asked` is the beginning of its digest. A release that is not complete, or was pruned, is refused.
    """
    found = inventory(store)
    release = found.find(asked or PREVIOUS)
    seen = found.pointer
    if release not in {stored.release for stored in found.releases}:
        raise ReleaseError(f"{gone(release, seen)}; nox -s configs -- releases ENV lists all releases")
    refuse_removed(release, seen, now)
    files = _whole(store, release, seen)
    if seen.release != release:
        pushed = seen.last_push(release)
        commit = pushed.commit if pushed else None
        switch = Switch(release, text_of(now), "rollback", origin.by, commit, origin.build_url)
        store.write(seen.switched(switch, files))
    return release, seen.release


def _whole(store: ReleaseStore, release: str, seen: Pointer) -> int:
    """The number of its files. Raises ReleaseError when one is missing or has other content."""
    address = f"s3://{store.bucket}/{store.release_prefix(release)}{MANIFEST}"
    try:
        wanted = lineage(store.manifest(release), address).files
    except SqlTreeError as error:
        raise ReleaseError(f"release {release} cannot be restored: {error}") from error
    # a lifecycle rule or a person may have removed or changed objects since
    found = {name: digest for name, digest in store.published(release).items() if name != MANIFEST}
    problems = differences(wanted, found)
    if problems:
        pushed = seen.last_push(release)
        commit = f"commit {pushed.commit}" if pushed and pushed.commit else "its commit"
        raise ReleaseError(
            f"release {release} is published but damaged: {some(problems)}; push it again from {commit}"
        )
    return len(wanted)
