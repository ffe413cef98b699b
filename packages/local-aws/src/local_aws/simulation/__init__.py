"""Simulated time and mocked tasks: hours of waiting cost nothing, and tasks answer from a file."""
