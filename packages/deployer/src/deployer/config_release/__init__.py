"""How a config release travels: compiled tree -> zip -> S3 -> UploadConfig -> verified -> `current.json`."""
