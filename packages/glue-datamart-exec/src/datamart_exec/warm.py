"""What a warm parent process has done for its children: the AWS models are read and parsed before the fork.

Opens no connection, starts no thread, looks for no credentials and no region.
"""

from __future__ import annotations

import boto3
from botocore import UNSIGNED
from botocore.config import Config


def read_models() -> None:
    """Read the models of the services a run calls, into boto3's default session."""
    for service in ("s3", "secretsmanager"):
        boto3.client(service, region_name="us-east-1", config=Config(signature_version=UNSIGNED))
