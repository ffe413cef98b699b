"""Protection of changes: a lock (one deploy at a time) and a journal (each call is recorded before it is made)."""
