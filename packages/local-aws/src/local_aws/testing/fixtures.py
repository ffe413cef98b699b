"""pytest fixtures for a `conftest.py` to import: one local AWS with roles, and its Lambda and Glue APIs."""

from collections.abc import Iterator

import pytest

from local_aws.server import LocalAws
from local_aws.testing.functions import Functions
from local_aws.testing.glue import Glue
from local_aws.testing.roles import make_role

ROLES = {"glue": "glue", "lambda": "lambda", "states": "states", "states2": "states"}  # name: trusted service


@pytest.fixture(scope="session")
def aws() -> Iterator[LocalAws]:
    """One local AWS for all tests with a role for each service; a minute of a Glue timeout lasts a second."""
    with LocalAws(seconds_per_minute=1.0) as aws:
        for name, service in ROLES.items():
            make_role(aws, name, service)
        yield aws


@pytest.fixture(scope="session")
def glue(aws: LocalAws) -> Glue:
    """The Glue API, with a bucket for scripts."""
    glue = Glue(aws)
    glue.s3.create_bucket(Bucket="glue-bucket")
    return glue


@pytest.fixture(scope="session")
def functions(aws: LocalAws) -> Functions:
    """The Lambda API."""
    return Functions(aws)
