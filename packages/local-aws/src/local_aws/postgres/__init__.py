"""An embedded Postgres for tests and for the main job: no installation, no root, nothing left behind."""

from local_aws.postgres.server import EmbeddedPostgres, PostgresError

__all__ = ["EmbeddedPostgres", "PostgresError"]
