"""Glue: jobs that run, connections, databases and tags."""

from local_aws.glue.runtime import GlueRuntime
from local_aws.patches.glue import api, catalog, tags


def install(runtime: GlueRuntime) -> None:
    """Change moto's Glue; `runtime` executes its job runs."""
    api.install(runtime)
    catalog.install()
    tags.install()
