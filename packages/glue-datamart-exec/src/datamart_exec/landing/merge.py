"""One batch into the final zone: the states of all days that it touches, in one commit of the catalog."""

from __future__ import annotations

from datetime import date

from pyiceberg.table import Table

from datamart_exec.final_zone.commit import commit, known
from datamart_exec.final_zone.files import FileWriter
from datamart_exec.final_zone.fold import Fold
from datamart_exec.final_zone.rewrite import Rewriter
from datamart_exec.final_zone.states import Chain, Step, load_tag
from datamart_exec.landing.batch import Batch


def merge(table: Table, writer: FileWriter, batch: Batch, first: date | None, run_day: date) -> list[Step]:
    """Commit the states of the days that a batch touches, from the first affected one on, and of the day of the run.
    Repeating it changes nothing.

    Raises `DatamartError` when somebody else committed meanwhile, or when rows are missing after a rewrite.
    """
    if first is None:
        return []
    held = known(table)
    fold = Fold(batch.duck, batch.shape)
    fold.collect(batch.changes(first))
    loads = {
        day: writer.write(batch.load_rows(day)) if sources else None for day, sources in batch.loads.items()
    }
    rewriter = Rewriter(batch.duck, batch.shape, table.schema(), writer)
    chain = Chain(rewriter, fold, held, loads)
    days = sorted({*held.days, *batch.days(), run_day, held.first or run_day})
    start = max(first, held.first or first)
    steps = list(chain.steps([day for day in days if day >= start]))
    summary = {"cars.run-date": run_day.isoformat()}
    commit(table, steps, summary, [load_tag(day) for day, rows in loads.items() if rows is None])
    return steps
