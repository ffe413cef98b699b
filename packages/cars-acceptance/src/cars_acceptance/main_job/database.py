"""The connection to the Postgres that the PG* variables name."""

from collections.abc import Mapping

import psycopg

from cars_acceptance.main_job.vault import Connection


def connect(variables: Mapping[str, str]) -> Connection:
    """A new connection; as a context manager it commits when the block ends well."""
    return psycopg.connect(
        host=variables["PGHOST"],
        port=variables["PGPORT"],
        user=variables["PGUSER"],
        password=variables["PGPASSWORD"],
        dbname=variables["PGDATABASE"],
    )
