import json
from collections.abc import Iterator

import pytest

from stepfunctions_local_test.server import LocalAws

from .support.functions import Functions
from .support.glue import Glue


@pytest.fixture(scope="session")
def aws() -> Iterator[LocalAws]:
    """One local AWS for all tests, where a minute of a Glue timeout lasts a second."""
    with LocalAws(seconds_per_minute=1.0) as aws:
        yield aws


@pytest.fixture(scope="session")
def glue(aws: LocalAws) -> Glue:
    glue = Glue(aws)
    glue.s3.create_bucket(Bucket="glue-bucket")
    return glue


@pytest.fixture(scope="session")
def functions(aws: LocalAws) -> Functions:
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    aws.client("iam").create_role(RoleName="lambda", AssumeRolePolicyDocument=document)
    return Functions(aws)
