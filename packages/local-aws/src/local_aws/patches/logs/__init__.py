"""CloudWatch Logs: keys and tags of log groups."""

from local_aws.patches.logs import groups


def install() -> None:
    """Change moto's CloudWatch Logs."""
    groups.install()
