"""IAM: consistent reads."""

from local_aws.patches.iam import reads


def install() -> None:
    """Change moto's IAM."""
    reads.install()
