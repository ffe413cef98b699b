"""What surrounds every change: one deploy at a time (lock) and a record of what it was about to do (journal)."""
