"""The run ledger of the pipeline: database connection, table loads, failures and their reasons.

Imports nothing itself, because a Lambda needs only some of the modules; import each by name.
"""
