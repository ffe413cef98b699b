"""Applies a plan: the only room that changes resources."""
