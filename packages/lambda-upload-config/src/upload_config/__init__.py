"""Expands one ZIP object into objects below an S3 prefix, after proving that every member is sound."""
