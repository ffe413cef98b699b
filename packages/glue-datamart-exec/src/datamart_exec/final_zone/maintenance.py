"""What keeps a table of the final zone small: compaction, the edge of the change zone, old states, files of nobody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from pyiceberg.table import Table
from pyiceberg.table.update import RemoveSnapshotRefUpdate, RemoveSnapshotsUpdate

from datamart_exec.final_zone.commit import EDGE, commit_errors, known
from datamart_exec.final_zone.files import FileWriter
from datamart_exec.final_zone.rewrite import row_bytes
from datamart_exec.final_zone.states import Step, load_tag

SMALL_FILES = 8  # so many files below half the target size are worth one compaction


def dropped_days(days: Iterable[date], keep: int) -> list[date]:
    """The days that leave a change zone of which the last `keep` dates stay, ascending."""
    ordered = sorted(set(days))
    return ordered[: max(0, len(ordered) - keep)]


def compaction(table: Table, writer: FileWriter) -> Step | None:
    """The step that writes the small files of the latest state as few; None when there are not enough of them."""
    days = known(table).days
    latest = max(days, default=None)
    if latest is None:
        return None
    small = tuple(file for file in days[latest].files if file.file_size_in_bytes < writer.target_bytes // 2)
    if len(small) < SMALL_FILES:
        return None
    shape = writer.shape
    rows = f"SELECT {shape.list()} FROM {shape.read([file.file_path for file in small])}"
    return Step(
        latest.isoformat(), days[latest].snapshot_id, small, writer.write(rows, row_bytes=row_bytes(small))
    )


def move_edge(table: Table, dropped: Sequence[date]) -> None:
    """Note the last dropped day as the edge, before its part leaves the change zone. Never moves back."""
    edge = known(table).edge
    if dropped and (edge is None or dropped[-1] > edge):
        with commit_errors(table), table.transaction() as transaction:
            transaction.set_properties({EDGE: dropped[-1].isoformat()})


def expire(table: Table, keep_days: int) -> int:
    """Drop the tags of old states and all snapshots that have neither tag nor branch; the number of those snapshots.

    The edge, every day after it, and the last `keep_days` days keep their tags.
    """
    tags = tuple(RemoveSnapshotRefUpdate(ref_name=name) for name in _old_tags(table, keep_days))
    gone = {update.ref_name for update in tags}
    held = {ref.snapshot_id for name, ref in table.refs().items() if name not in gone}
    old = [each.snapshot_id for each in table.snapshots() if each.snapshot_id not in held]
    if old or tags:
        with commit_errors(table), table.transaction() as transaction:
            transaction._apply((*tags, RemoveSnapshotsUpdate(snapshot_ids=old)))
    return len(old)


def _old_tags(table: Table, keep_days: int) -> Iterator[str]:
    """The tags of states before the edge that are not among the last days, and of full loads that the edge replaced."""
    held = known(table)
    days = sorted(held.days)
    for day in days[: max(0, len(days) - keep_days)]:
        if held.edge is not None and day < held.edge:
            yield day.isoformat()
    for day in held.loads:
        if held.edge is not None and day <= held.edge:
            yield load_tag(day)


def referenced(table: Table) -> frozenset[str]:
    """The paths of all files that some snapshot of a table needs, and of its metadata."""
    metadata = table.metadata
    paths = {table.metadata_location, *(entry.metadata_file for entry in metadata.metadata_log)}
    for snapshot in table.snapshots():
        paths.add(snapshot.manifest_list)
        for manifest in snapshot.manifests(table.io):
            if manifest.manifest_path not in paths:
                paths.add(manifest.manifest_path)
                paths |= {entry.data_file.file_path for entry in manifest.fetch_manifest_entry(table.io)}
    return frozenset(paths)
