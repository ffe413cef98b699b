"""Compiles a tree into a release: reads every script and CSV, and reports every problem at once."""
