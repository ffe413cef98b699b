"""The run ledger of the pipeline: where the database is, what was loaded, what failed and why.

Imports nothing heavy: `settings`, `connection`, `ledger`, `migrations` and `run_log` are imported by name.
"""
