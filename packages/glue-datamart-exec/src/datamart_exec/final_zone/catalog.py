"""The Glue Data Catalog as pyiceberg's catalog, with the credentials and endpoint of this process."""

from __future__ import annotations

import os

import boto3
from pyiceberg.catalog.glue import GlueCatalog

from datamart_exec.errors import DatamartError


def open_catalog() -> GlueCatalog:
    """The account's catalog. Data and metadata are read and written through pyarrow's S3 file system."""
    session = boto3.DEFAULT_SESSION or boto3.session.Session()
    region = session.region_name or os.environ.get("AWS_REGION") or "us-east-1"
    credentials = session.get_credentials()
    if credentials is None:
        raise DatamartError("no AWS credentials found; run under a role or set the usual variables")
    frozen = credentials.get_frozen_credentials()
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    properties = {
        "s3.region": region,
        "s3.access-key-id": frozen.access_key,
        "s3.secret-access-key": frozen.secret_key,
        "s3.session-token": frozen.token,
        "s3.endpoint": endpoint,
        "s3.force-virtual-addressing": "false",
        "s3.connect-timeout": "5",
        "s3.request-timeout": "60",  # pyarrow gives up after 3 seconds without a byte
    }
    given = {name: value for name, value in properties.items() if value}
    return GlueCatalog("glue", client=session.client("glue"), **given)
