"""Lambda: counts the results of a layer's tables and decides whether the run continues."""
