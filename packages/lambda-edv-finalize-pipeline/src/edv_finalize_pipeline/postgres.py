"""Writes the row of a run to `data_ppln_run_log` and closes its job in `data_ppln_job`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from edv_finalize_pipeline.core import Status, root_text
from edv_finalize_pipeline.events import Request
from process_control.ledger import RunKey
from process_control.log_writer import LogWriter
from process_control.run_log import FinishedRun, close_job, record_run


@dataclass(frozen=True, slots=True)
class RunLog:
    """The log tables; the method returns None, or the reason why nothing was written."""

    writer: LogWriter

    def finished(
        self, request: Request, status: Status, end_date: date, summary: Mapping[str, Any]
    ) -> str | None:
        """Write the run and close its job. The error text of a Complete job names the first failed table, if any."""
        run = RunKey(request.data_src_nm, request.run_type, request.day)
        row = FinishedRun(
            run=run,
            end_date=end_date,
            status=status,
            stg_success=request.stage.successCount,
            stg_failed=request.stage.failedCount,
            edv_success=request.edv.successCount,
            edv_failed=request.edv.failedCount,
            summary=summary,
            execution=request.execution,
            release=request.release,
        )
        close = partial(
            close_job,
            run=run,
            execution=request.execution,
            status="Failed" if status == "FAILED" else "Complete",
            error=root_text(request),
        )
        # the job belongs to the ledger, which commits with the data in the EDV database
        return self.writer.write(("process_control", partial(record_run, finished=row)), ("edv", close))


def run_log(context: object) -> RunLog:
    """The log that this function's environment names."""
    return RunLog(LogWriter.of_lambda("edv-finalize-pipeline", context))
