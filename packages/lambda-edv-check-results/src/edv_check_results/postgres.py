"""Lines of `data_ppln_oper_log`, written where a failure to write must not decide the run."""

from dataclasses import dataclass
from functools import partial

from edv_check_results.core import Check, Failure, sentence
from process_control.log_writer import LogWriter
from process_control.run_log import log_operation


@dataclass(frozen=True, slots=True)
class OperationLog:
    """Each method answers None, or the reason why nothing was written."""

    writer: LogWriter

    def check(self, checked: Check, execution: str | None) -> str | None:
        """How a layer ended."""
        kind = "ERROR" if checked.failures else "INFO"
        line = partial(
            log_operation, log_type=kind, message=sentence(checked), layer=checked.layer, execution=execution
        )
        return self.writer.write(("process_control", line))

    def failure(self, failed: Failure, layer: str, execution: str | None) -> str | None:
        """Why a table failed, with the whole reason."""
        line = partial(
            log_operation,
            log_type="ERROR",
            message=f"{failed.error}: {failed.reason}",
            object_name=failed.table_name,
            layer=layer,
            execution=execution,
        )
        return self.writer.write(("process_control", line))


def operation_log(context: object) -> OperationLog:
    """The log that this function's environment names."""
    return OperationLog(LogWriter.of_lambda("edv-check-results", context))
