"""SQS: attributes of queues."""

from local_aws.patches.sqs import attributes


def install() -> None:
    """Change moto's SQS."""
    attributes.install()
