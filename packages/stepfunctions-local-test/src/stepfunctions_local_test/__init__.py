"""Local AWS and an embedded Postgres: runs built artefacts as AWS would; imports nothing of the product."""
