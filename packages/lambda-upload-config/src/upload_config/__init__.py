"""Expands one ZIP object into objects under an S3 prefix, after checking every member."""
