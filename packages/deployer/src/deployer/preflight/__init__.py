"""Checks what a deploy needs and does not make, before the first change."""
