"""Connects to the Postgres in the PG* variables."""

from collections.abc import Mapping

import psycopg

from cars_acceptance.main_job.vault import Connection


def connect(variables: Mapping[str, str]) -> Connection:
    """A new connection; as a context manager it commits unless the block raises."""
    return psycopg.connect(
        host=variables["PGHOST"],
        port=variables["PGPORT"],
        user=variables["PGUSER"],
        password=variables["PGPASSWORD"],
        dbname=variables["PGDATABASE"],
    )
