"""Creates what the deployer requires in an account: buckets, the database secret, the Glue connection."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from cars_acceptance.main_job import names

Client = Callable[[str], Any]


def prepare(client: Client, environment: Mapping[str, str]) -> None:
    """Create the prerequisites in an empty local account; `environment` has the PG* variables."""
    for bucket in names.BUCKETS:
        client("s3").create_bucket(Bucket=bucket)
    secret = json.dumps(database_secret(environment))
    client("secretsmanager").create_secret(Name=names.SECRET, SecretString=secret)
    client("glue").create_connection(ConnectionInput=glue_connection(environment))


def database_secret(environment: Mapping[str, str]) -> dict[str, Any]:
    """The secret's content from the PG* variables."""
    return {
        "edv_postgres_hostname": environment["PGHOST"],
        "postgres_port": int(environment["PGPORT"]),
        "edv_postgres_database_name": environment["PGDATABASE"],
        "postgres_prcs_ctrl_dbname": environment["PGDATABASE"],
        "edv_postgres_username": environment["PGUSER"],
        "edv_postgres_password": environment["PGPASSWORD"],
    }


def glue_connection(environment: Mapping[str, str]) -> dict[str, Any]:
    """A JDBC connection that points at the local Postgres; the password stays in the secret."""
    url = f"jdbc:postgresql://{environment['PGHOST']}:{environment['PGPORT']}/{environment['PGDATABASE']}"
    return {
        "Name": names.CONNECTION,
        "ConnectionType": "JDBC",
        "ConnectionProperties": {"JDBC_CONNECTION_URL": url, "SECRET_ID": names.SECRET},
    }
