"""Lambda: functions that run, versions, aliases and revisions."""

from local_aws.lambdas.runtime import LambdaRuntime
from local_aws.patches.lambdas import aliases, api, revisions, versions


def install(runtime: LambdaRuntime) -> None:
    """Change moto's Lambda; `runtime` executes invocations."""
    api.install(runtime)
    versions.install()
    aliases.install()
    # Last: it wraps updates of code and configuration, which the others replace.
    revisions.install()
