"""Keeps landings away from the zones that a staging load reads. Staging loads do not wait for each other."""

from __future__ import annotations

from collections.abc import Iterable

import psycopg

from datamart_exec.errors import DatamartError
from datamart_exec.session import Connection, postgres_errors
from process_control import ledger


def share(postgres: Connection, place: str, tables: Iterable[str]) -> None:
    """Share the lock that the landing of each table holds alone, until the transaction ends.

    So no part of the change zone is read half written, and no file of a state is deleted while it is read. Raises
    `DatamartError` when a landing does not end within the lock timeout.
    """
    for table in sorted(tables):
        with postgres_errors(place):
            try:
                number = ledger.lock_number("LANDING", table)
                postgres.execute("SELECT pg_advisory_xact_lock_shared(%s)", (number,))
            except psycopg.errors.LockNotAvailable:
                raise DatamartError(
                    f"{place}: the landing of {table} still writes its zones; run it again when the landing has ended,"
                    " or raise --lock_timeout_ms"
                ) from None
