"""S3: whole contents, checksums, conditional writes and expected owners."""

from local_aws.patches.s3 import checksums, contents, owners, writes


def install() -> None:
    """Change moto's S3."""
    contents.install()
    checksums.install()
    writes.install()
    owners.install()
