"""A local AWS that runs what was deployed to it, and an embedded Postgres."""
