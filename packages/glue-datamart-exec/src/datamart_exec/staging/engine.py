"""DuckDB for one load: with limits on memory and threads, and S3 through the extension that comes as a wheel."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import boto3
import duckdb
import duckdb_extension_httpfs
from botocore.httpsession import get_cert_path

from datamart_exec.arguments import Limits
from datamart_exec.errors import DatamartError
from datamart_exec.staging.cast import literal

HTTP_TIMEOUT = 60  # seconds for one request


@contextmanager
def open_duckdb(limits: Limits) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a connection that spills to a temporary folder, which is removed at the end. `allow_s3` lets it read S3."""
    with TemporaryDirectory(prefix="datamart-exec-") as spill:
        duck = duckdb.connect(
            ":memory:",
            config={
                "threads": limits.threads,
                "memory_limit": f"{limits.memory_limit_mb}MiB",
                "temp_directory": spill,
                "preserve_insertion_order": "false",
                # The extension comes from a pinned wheel, as DuckDB does; checking its signature costs a run 0.08 s.
                # No other extension can be loaded: scripts hold one SELECT, no LOAD, INSTALL or SET.
                "allow_unsigned_extensions": "true",
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
                "allow_community_extensions": "false",
            },
        )
        try:
            duck.execute("SET TimeZone = 'UTC'")
            # a file's minimum and maximum leave out NaN: a MAX answered from them is wrong
            duck.execute("SET disabled_optimizers = 'statistics_propagation'")
            yield duck
        finally:
            duck.close()


def allow_s3(duck: duckdb.DuckDBPyConnection) -> None:
    """Load the S3 extension with the credentials, region and endpoint of this process."""
    duck.execute(f"LOAD {literal(_extension())}")
    duck.execute("SET s3_url_compatibility_mode = true")  # a key is a name: no pattern, no query parameters
    duck.execute(f"SET http_timeout = {HTTP_TIMEOUT}")
    # source files do not change during a load: one HEAD request and one footer per file are enough
    duck.execute("SET enable_http_metadata_cache = true")
    duck.execute("SET parquet_metadata_cache = true")
    duck.execute(f"SET ca_cert_file = {literal(_certificates())}")
    options = ", ".join(f"{name} {literal(value)}" for name, value in _secret().items() if value)
    duck.execute(f"CREATE TEMPORARY SECRET s3 (TYPE s3, {options})")


@lru_cache(maxsize=1)
def _extension() -> str:
    folder = Path(next(iter(duckdb_extension_httpfs.__path__)))
    found = sorted(folder.glob(f"extensions/v{duckdb.__version__}/*.duckdb_extension"))
    if not found:
        raise DatamartError(
            f"the wheel duckdb-extension-httpfs holds no extension for duckdb {duckdb.__version__};"
            " install both in the same version"
        )
    return str(found[0])


def _certificates() -> str:
    return os.environ.get("AWS_CA_BUNDLE") or str(get_cert_path(True))


def _secret() -> dict[str, str]:
    session = boto3.DEFAULT_SESSION or boto3.session.Session()
    credentials = session.get_credentials()
    if credentials is None:
        raise DatamartError("no AWS credentials found; run under a role or set the usual variables")
    frozen = credentials.get_frozen_credentials()
    return {
        "KEY_ID": frozen.access_key or "",
        "SECRET": frozen.secret_key or "",
        "SESSION_TOKEN": frozen.token or "",
        "REGION": session.region_name or os.environ.get("AWS_REGION") or "us-east-1",
        "URL_STYLE": "path",  # a bucket with dots in its name has no host name that TLS accepts
        **_endpoint(os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")),
    }


def _endpoint(url: str | None) -> dict[str, str]:
    if not url:
        return {}
    parts = urlsplit(url)
    return {"ENDPOINT": parts.netloc, "USE_SSL": str(parts.scheme == "https").lower()}
