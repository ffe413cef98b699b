"""The program of `test_spark_reads`: Spark with Iceberg reads through the Glue catalog and prints rows as JSON.

Arguments: the folder of the jars, the endpoint of AWS, then queries over the catalog `lake`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from pyspark.sql import SparkSession

jars, endpoint, *queries = sys.argv[1:]
CATALOG = {
    "": "org.apache.iceberg.spark.SparkCatalog",
    ".catalog-impl": "org.apache.iceberg.aws.glue.GlueCatalog",
    ".io-impl": "org.apache.iceberg.aws.s3.S3FileIO",
    ".warehouse": "s3://unused/",
    ".client.region": "us-east-1",
    ".glue.endpoint": endpoint,
    ".glue.skip-name-validation": "true",  # the catalog's check refuses the hyphens of our databases
    ".s3.endpoint": endpoint,
    ".s3.path-style-access": "true",
}
builder = (
    SparkSession.builder.master("local[1]")
    .config("spark.jars", ",".join(str(path) for path in sorted(Path(jars).glob("*.jar"))))
    .config("spark.sql.extensions", "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions")
    .config("spark.ui.enabled", "false")
    .config("spark.driver.host", "127.0.0.1")
    .config("spark.driver.bindAddress", "127.0.0.1")
    .config("spark.driver.memory", "1g")
    .config("spark.sql.session.timeZone", "UTC")
)
for name, value in CATALOG.items():
    builder = builder.config(f"spark.sql.catalog.lake{name}", value)
session = builder.getOrCreate()
for query in queries:
    rows = [row.asDict() for row in session.sql(query).collect()]
    sys.stdout.write(json.dumps(rows, default=str) + "\n")
session.stop()
