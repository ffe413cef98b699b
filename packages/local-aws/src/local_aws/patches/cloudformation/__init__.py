"""CloudFormation, as far as benchmarks deploy with it."""

from local_aws.patches.cloudformation import resources


def install() -> None:
    """Make a stack's resources visible to the other services."""
    resources.install()
