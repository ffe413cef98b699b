"""What a warm parent process does once for its children: what libraries read only on first use is read before the fork.

Opens no connection, starts no thread, looks for no credentials and no region.
"""

from __future__ import annotations

import boto3
import sqlglot
from botocore import UNSIGNED
from botocore.config import Config
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify


def warm_up() -> None:
    """Read the models of the AWS services and the SQL dialects that a run uses."""
    for service in ("s3", "secretsmanager"):
        boto3.client(service, region_name="us-east-1", config=Config(signature_version=UNSIGNED))
    sqlglot.parse_one("INSERT INTO t SELECT 1", read="postgres")
    tree = sqlglot.parse_one("SELECT CAST(a AS INT) AS b FROM t", read="spark")
    annotate_types(qualify(tree, schema={"t": {"a": "STRING"}}, dialect="spark"), dialect="spark").sql(
        "duckdb"
    )
