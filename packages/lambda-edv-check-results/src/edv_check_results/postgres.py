"""Writes lines to `data_ppln_oper_log` and reads outcomes of tables; a failure of the database does not fail the run."""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from edv_check_results.core import Check, Failure, sentence
from process_control.log_writer import LogWriter
from process_control.outcomes import Outcome, table_outcomes
from process_control.run_log import log_operation

if TYPE_CHECKING:  # psycopg is imported by the first write
    import psycopg


@dataclass(frozen=True, slots=True)
class OperationLog:
    """The log table; a method returns None, or the reason why nothing was written."""

    writer: LogWriter

    def check(self, checked: Check, execution: str | None) -> str | None:
        """Log the result of a layer."""
        kind = "ERROR" if checked.failures else "INFO"
        line = partial(
            log_operation, log_type=kind, message=sentence(checked), layer=checked.layer, execution=execution
        )
        return self.writer.write(("process_control", line))

    def failure(self, failed: Failure, layer: str, execution: str | None) -> str | None:
        """Log a failed table with the whole reason."""
        line = partial(
            log_operation,
            log_type="ERROR",
            message=f"{failed.error}: {failed.reason}",
            object_name=failed.table_name,
            layer=layer,
            execution=execution,
        )
        return self.writer.write(("process_control", line))

    def outcomes(self, layer: str, tables: list[str], execution: str) -> dict[str, Outcome]:
        """What the ledger knows of these tables in this execution; nothing when it does not answer."""
        found: dict[str, Outcome] = {}

        def read(conn: "psycopg.Connection[Any]") -> None:
            found.update(table_outcomes(conn, layer, tables, execution))

        # the ledger commits with the data, in the EDV database
        self.writer.write(("edv", read))
        return found


def operation_log(context: object) -> OperationLog:
    """The log that this function's environment names."""
    return OperationLog(LogWriter.of_lambda("edv-check-results", context))
