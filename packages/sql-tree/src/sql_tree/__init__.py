"""The SQL tree: its declarative model, the scripts rendered from it, and its compiler into a config release.

Reads and writes files. Must not talk to AWS, to a database or to the clock.
"""
