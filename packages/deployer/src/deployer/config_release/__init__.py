"""Publishes and stores config releases: zip -> S3 -> UploadConfig -> verified by digest -> `current.json`."""
