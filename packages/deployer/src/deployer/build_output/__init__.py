"""What `nox -s build` wrote, read and checked."""
