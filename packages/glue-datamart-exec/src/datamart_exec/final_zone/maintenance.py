"""What keeps a table of the final zone small: compaction, the edge of the change zone, old states, files of nobody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from pyiceberg.table import Table
from pyiceberg.table.update import RemoveSnapshotRefUpdate, RemoveSnapshotsUpdate

from datamart_exec.final_zone.commit import TAKEN_OVER, TIDIED, commit_errors, known
from datamart_exec.final_zone.files import FileWriter
from datamart_exec.final_zone.rewrite import row_bytes
from datamart_exec.final_zone.states import Known, Step, load_tag
from datamart_exec.iceberg.as_of import EDGE

SMALL_FILES = 8  # so many files below half the target size are worth one compaction


def dropped_days(days: Iterable[date], keep: int, edge: date | None) -> list[date]:
    """The days that leave a change zone of which the last `keep` dates after the edge stay, ascending."""
    ordered = sorted(set(days))
    kept = [day for day in ordered if edge is None or day > edge][-keep:]
    return [day for day in ordered if day not in kept]


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


def expire(table: Table, keep_days: int, dropped: Sequence[date] = ()) -> int:
    """Drop the tags of old states and all snapshots that have neither tag nor branch; the number of those snapshots.

    The last of the days `dropped`, whose parts are about to leave the change zone, becomes its edge, which never moves
    back.
    The edge, every day after it on which something changed, and the last `keep_days` days keep their tags.
    """
    held = known(table)
    edge = max((day for day in (held.edge, *dropped) if day), default=None)
    tags = tuple(RemoveSnapshotRefUpdate(ref_name=name) for name in _old_tags(held, edge, keep_days))
    gone = {update.ref_name for update in tags}
    needed = {ref.snapshot_id for name, ref in table.refs().items() if name not in gone}
    old = [each.snapshot_id for each in table.snapshots() if each.snapshot_id not in needed]
    if old or tags or edge != held.edge:
        with commit_errors(table), table.transaction() as transaction:
            if edge and edge != held.edge:
                transaction.set_properties({EDGE: edge.isoformat()})
            transaction._apply((*tags, RemoveSnapshotsUpdate(snapshot_ids=old)))
    return len(old)


def _old_tags(held: Known, edge: date | None, keep_days: int) -> Iterator[str]:
    """The tags of states that are not among the last days, being before the edge or the same as the day before; of full
    loads that the edge replaced, and of rows that were taken over once the edge is later."""
    days = sorted(held.days)
    for number, day in enumerate(days[: max(0, len(days) - keep_days)]):
        same = number > 0 and held.days[days[number - 1]].snapshot_id == held.days[day].snapshot_id
        if day != edge and (same or (edge is not None and day < edge)):
            yield day.isoformat()
    for day in held.loads:
        if edge is not None and day <= edge:
            yield load_tag(day)
    if held.base and edge in held.days:
        yield TAKEN_OVER


def is_tidied(table: Table, digest: str) -> bool:
    """Whether upkeep was done since the landing objects became what `digest` stands for."""
    return table.properties.get(TIDIED) == digest


def mark_tidied(table: Table, digest: str) -> None:
    """Note that upkeep is done until the landing objects change again."""
    with commit_errors(table), table.transaction() as transaction:
        transaction.set_properties({TIDIED: digest})


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
