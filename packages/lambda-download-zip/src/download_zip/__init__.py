"""Packs the objects below an S3 prefix into one ZIP object, streaming from end to end."""
