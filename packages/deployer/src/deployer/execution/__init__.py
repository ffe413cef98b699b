"""Running the EDV pipeline: start an execution, read its history as it grows, tell what became of each table."""
