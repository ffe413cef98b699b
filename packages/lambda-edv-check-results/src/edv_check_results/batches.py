"""The tables of batches: a landing loads several tables in one job run, whose result names them all. Pure."""

from collections.abc import Iterator, Mapping, Sequence

from edv_check_results.events import Result, TableError
from process_control.outcomes import Outcome

LANDING = "LANDING"


def failed_tables(results: Sequence[Result]) -> list[str]:
    """The tables of failed batches, about which the ledger knows more than the job run's end says."""
    return [name for result in results if result.status == "FAILED" for name in _names(result)]


def tables(results: Sequence[Result], outcomes: Mapping[str, Outcome]) -> tuple[Result, ...]:
    """One result for each table. Of a failed batch, a table that the ledger has as Complete was loaded; one that it lacks
    failed with the error of the batch.
    """
    return tuple(table for result in results for table in _tables(result, outcomes))


def _tables(result: Result, outcomes: Mapping[str, Outcome]) -> Iterator[Result]:
    for name in _names(result):
        known = outcomes.get(name.upper())
        if result.status == "SUCCESS" or (known and known.status == "Complete"):
            yield Result(name, "SUCCESS", result.layer)
        else:
            error = result.error or TableError()
            cause = known.error if known else error.Cause
            yield Result(name, "FAILED", result.layer, error=TableError(error.Error, cause))


def _names(result: Result) -> list[str]:
    return [name.strip() for name in result.table_name.split(",")]
