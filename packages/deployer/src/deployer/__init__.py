"""Environment file -> wanted resources -> plan -> apply; the command line behind the nox sessions."""
