"""Errors while landing: which are the fault of an object, and what the operator reads of the others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
import pyarrow as pa
from botocore.exceptions import BotoCoreError, ClientError
from pyiceberg.exceptions import CommitStateUnknownException, RESTError

from datamart_exec.errors import DatamartError

# DuckDB's errors about the machine, the network or our own statement; all others are about what a file holds
_OF_THE_RUN = (
    duckdb.HTTPException,
    duckdb.IOException,
    duckdb.OutOfMemoryException,
    duckdb.InterruptException,
    duckdb.FatalException,
    duckdb.InternalException,
    duckdb.BinderException,
    duckdb.CatalogException,
    duckdb.ParserException,
)


def is_fault_of_file(error: Exception) -> bool:
    """Whether reading a file again would fail the same way, because of its content."""
    return not isinstance(error, _OF_THE_RUN) and not isinstance(error, (OSError, DatamartError))


@contextmanager
def plain_errors(table: str) -> Iterator[None]:
    """Raise errors of engine, storage and catalog as `DatamartError` with the way out."""
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise _failure(
            table, error, "give more with --memory_limit_mb, or disk for what does not fit"
        ) from error
    except duckdb.HTTPException as error:
        raise _failure(table, error, "S3 did not answer as it should; run again") from error
    except duckdb.IOException as error:
        raise _failure(table, error, "free the disk of the temporary folder, then run again") from error
    except CommitStateUnknownException as error:
        raise _failure(
            table, error, "the commit may have happened; run again, which changes nothing twice"
        ) from error
    except (duckdb.Error, pa.ArrowException, OSError, BotoCoreError, ClientError, RESTError) as error:
        raise _failure(table, error, "nothing is lost; run again") from error


def _failure(table: str, error: Exception, way_out: str) -> DatamartError:
    reason = " ".join(str(error).split())
    return DatamartError(f"LANDING.{table}: {reason[:250]}; {way_out}. The earlier state is still read")
