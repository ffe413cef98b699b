"""Deployed releases: what each holds, and where its manifest is stored."""
