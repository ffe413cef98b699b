"""The staging layer: a Spark SQL SELECT over Parquet on S3 becomes the whole content of one Postgres table."""
