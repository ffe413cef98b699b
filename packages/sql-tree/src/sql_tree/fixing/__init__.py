"""Fixes of a SQL tree that can be proven safe: edits of bytes, each tried by compiling the tree again."""
