"""What the built-in `local` environment names and no deployer makes: buckets, the database secret, the connection."""

from collections.abc import Callable
from typing import Any

from deployer.environment_file.builtin import local

ADDRESS = {"JDBC_CONNECTION_URL": "jdbc:postgresql://127.0.0.1:5432/EDV", "USERNAME": "u", "PASSWORD": "p"}


def make_prerequisites(client: Callable[[str], Any]) -> None:
    """Makes them in an empty local account."""
    environment = local()
    zones = ("landingBucketNameParam", "cleanBucketNameParam", "finalBucketNameParam")
    buckets = [environment["strparams"][zone] for zone in zones]
    for bucket in [*buckets, environment["artifacts"]["artifactBucket"]]:
        client("s3").create_bucket(Bucket=bucket)
    client("secretsmanager").create_secret(Name=environment["secretName"], SecretString="{}")
    for connection in environment["GlueJobParameters"]["Connections"]:
        wanted = {"Name": connection["ConnectionName"], "ConnectionType": "JDBC"}
        client("glue").create_connection(ConnectionInput={**wanted, "ConnectionProperties": ADDRESS})
