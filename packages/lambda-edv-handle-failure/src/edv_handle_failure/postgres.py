"""Writes the row of a failure to `data_ppln_error_log` and closes its job in `data_ppln_job`."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from edv_handle_failure.events import Failure
from process_control.ledger import RunKey
from process_control.log_writer import LogWriter
from process_control.run_log import close_job, record_error


@dataclass(frozen=True, slots=True)
class ErrorLog:
    """The log tables; a method returns None, or the reason why nothing was written."""

    writer: LogWriter

    def failure(self, failure: Failure) -> str | None:
        """Add the failure. Without a valid date it gets today's, and its text names the problem."""
        row = partial(
            record_error,
            run=_run(failure),
            error_type=failure.error,
            message="; ".join((failure.reason, *failure.problems)),
            execution=failure.execution,
        )
        return self.writer.write(("process_control", row))

    def close_job(self, failure: Failure) -> str | None:
        """Set the run's job to Failed. The job belongs to the ledger, which is in the EDV database."""
        close = partial(
            close_job,
            run=_run(failure),
            execution=failure.execution,
            status="Failed",
            error=f"{failure.error}: {failure.reason}",
        )
        return self.writer.write(("edv", close))


def error_log(context: object) -> ErrorLog:
    """The log that this function's environment names."""
    return ErrorLog(LogWriter.of_lambda("edv-handle-failure", context, share=0.3))


def _run(failure: Failure) -> RunKey:
    day = failure.day or datetime.now(UTC).date()
    return RunKey(failure.data_src_nm, failure.run_type[:20], day)
