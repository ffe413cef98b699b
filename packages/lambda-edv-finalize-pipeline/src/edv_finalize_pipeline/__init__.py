"""Lambda: computes and records the status and summary of a run."""
