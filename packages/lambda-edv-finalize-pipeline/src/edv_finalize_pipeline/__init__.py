"""Lambda: the status and summary of a run, written down."""
