"""Lambda: records a failed run and notifies people through SNS."""
