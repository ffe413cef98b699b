"""Random Parquet files, who writes them, and what a plain reading of them gives: shared by the tests of the reader."""
