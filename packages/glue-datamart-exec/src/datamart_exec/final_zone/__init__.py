"""The final zone: current rows of each source table as Apache Iceberg, one tag for the state at the end of each day."""
