"""The output of `nox -s build`, read and checked."""
