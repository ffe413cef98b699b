"""The staging layer: the rows of a Spark SQL SELECT over Parquet on S3 replace the content of one Postgres table."""
