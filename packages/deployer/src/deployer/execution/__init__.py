"""Running the EDV pipeline: start an execution, read its history as it grows, report the result of each table."""
