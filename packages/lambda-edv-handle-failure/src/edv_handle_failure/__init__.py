"""Lambda: a failed run is written down and somebody is told."""
