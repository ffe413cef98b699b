"""The permissions that each operation requires: one table per service."""
