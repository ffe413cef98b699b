"""Commits a chain of states as one change of the catalog: snapshots, the tags of their days, and the current state."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date

from pyiceberg.exceptions import CommitFailedException
from pyiceberg.manifest import ManifestFile
from pyiceberg.table import Table, Transaction
from pyiceberg.table.refs import MAIN_BRANCH, SnapshotRefType
from pyiceberg.table.snapshots import Operation
from pyiceberg.table.update import AssertRefSnapshotId, RemoveSnapshotRefUpdate, SetSnapshotRefUpdate
from pyiceberg.table.update.snapshot import _OverwriteFiles

from datamart_exec.errors import DatamartError
from datamart_exec.final_zone.rewrite import State
from datamart_exec.final_zone.states import Known, Step, Tagged
from datamart_exec.iceberg.as_of import EDGE

TIDIED = "cars.tidied"  # table property: the digest of the landing objects after which upkeep was done
TAKEN_OVER = "taken-over"  # tag of the rows that another writer left, as long as states rest on them
FIRST_DAY = "cars.first-day"  # table property: the day of these rows; earlier states do not exist
SCRATCH = "landing"  # a branch that exists only inside the transaction


def known(table: Table) -> Known:
    """The tagged states of a table. Their data files are read when they are asked for."""
    days: dict[date, Tagged] = {}
    loads: dict[date, Tagged] = {}
    for name, ref in table.refs().items():
        day = _day(name.removeprefix("load-"))
        if day is not None and ref.snapshot_ref_type == SnapshotRefType.TAG:
            held = Tagged(ref.snapshot_id, lambda snapshot_id: _files(table, snapshot_id))
            (loads if name.startswith("load-") else days)[day] = held
    base = table.refs().get(TAKEN_OVER)
    return Known(
        days,
        loads,
        _day(table.properties.get(EDGE, "")),
        _day(table.properties.get(FIRST_DAY, "")),
        Tagged(base.snapshot_id, lambda snapshot_id: _files(table, snapshot_id)) if base else None,
    )


def current_files(table: Table) -> State:
    """The data files of the current state."""
    return tuple(task.file for task in table.scan().plan_files())


def _files(table: Table, snapshot_id: int) -> State:
    return tuple(task.file for task in table.scan(snapshot_id=snapshot_id).plan_files())


def commit(
    table: Table, steps: Sequence[Step], properties: Mapping[str, str], withdrawn: Iterable[str] = ()
) -> None:
    """Make every step a snapshot with its tag; the last one becomes the current state. All of it or nothing.

    `properties` go into each snapshot's summary; the tags `withdrawn` go. Raises `DatamartError` when somebody else
    committed meanwhile.
    """
    head = table.metadata.refs.get(MAIN_BRANCH)
    # the first requirement of a kind is the one that counts: nobody has moved `main` since it was read
    unmoved = AssertRefSnapshotId(ref=MAIN_BRANCH, snapshot_id=head.snapshot_id if head else None)
    with commit_errors(table), table.transaction() as transaction:
        transaction._apply((), (unmoved,))
        last: int | None = None
        for step in steps:
            last = _snapshot(transaction, step, step.parent or last, properties)
            if step.tag:
                _point(transaction, step.tag, SnapshotRefType.TAG, last)
        for tag in set(withdrawn) & table.refs().keys():
            transaction._apply((RemoveSnapshotRefUpdate(ref_name=tag),))
        if last is not None:
            _point(transaction, MAIN_BRANCH, SnapshotRefType.BRANCH, last)


def commit_first(table: Table, day: date, files: State) -> None:
    """Make files that hold another writer's rows the first snapshot: the state of a day, before which there is none."""
    with commit_errors(table), table.transaction() as transaction:
        made = _snapshot(transaction, Step(day.isoformat(), None, (), files), None, {})
        _point(transaction, day.isoformat(), SnapshotRefType.TAG, made)
        _point(transaction, TAKEN_OVER, SnapshotRefType.TAG, made)
        transaction.set_properties({FIRST_DAY: day.isoformat()})


def tag_day(table: Table, day: date) -> None:
    """Tag the state of a day on which nothing changed, so that every day of a run is readable."""
    held = known(table)
    before = held.before(day)
    if before and day not in held.days and not (held.edge and day <= held.edge):
        with commit_errors(table), table.transaction() as transaction:
            _point(transaction, day.isoformat(), SnapshotRefType.TAG, before.snapshot_id)


class _Overwrite(_OverwriteFiles):
    """pyiceberg's overwrite without manifests of removed files, which it would carry along for ever."""

    def _existing_manifests(self) -> list[ManifestFile]:
        found: list[ManifestFile] = super()._existing_manifests()
        return [each for each in found if each.has_added_files() or each.has_existing_files()]


@contextmanager
def commit_errors(table: Table) -> Iterator[None]:
    """Raise a lost race as `DatamartError`."""
    try:
        yield
    except CommitFailedException as error:
        raise DatamartError(
            f"final zone {'.'.join(table.name())}: somebody else committed at the same time ({error});"
            " nothing was changed, run it again"
        ) from error


def _snapshot(transaction: Transaction, step: Step, parent: int | None, properties: Mapping[str, str]) -> int:
    """The id of a step's snapshot; its parent's where no file changes."""
    if parent is not None and not step.added and not step.removed:
        return parent
    branch = MAIN_BRANCH  # a first snapshot can only be made there
    if parent is not None:
        branch = SCRATCH
        _point(transaction, branch, SnapshotRefType.BRANCH, parent)
    summary = {**properties, "cars.tag": step.tag or ""}
    io, overwrite = transaction._table.io, Operation.OVERWRITE
    with _Overwrite(overwrite, transaction, io, branch=branch, snapshot_properties=summary) as files:
        for file in step.added:
            files.append_data_file(file)
        for file in step.removed:
            files.delete_data_file(file)
    made = transaction.table_metadata.refs[branch].snapshot_id
    if branch == SCRATCH:
        transaction._apply((RemoveSnapshotRefUpdate(ref_name=branch),))
    return made


def _point(transaction: Transaction, name: str, kind: SnapshotRefType, snapshot_id: int) -> None:
    """Make a tag or branch name a snapshot."""
    update = {"ref-name": name, "type": kind, "snapshot-id": snapshot_id}  # it has no age: upkeep drops tags
    transaction._apply((SetSnapshotRefUpdate.model_validate({"action": "set-snapshot-ref", **update}),))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
