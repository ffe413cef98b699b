"""The Lambda runtime: an invocation runs the handler of the deployed zip in a worker process of its function."""
