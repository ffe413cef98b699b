"""The embedded engine: the local AWS with virtual time, in which waits take no real time."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from local_aws.server import LocalAws

ROLE = "states"


class Embedded:
    """moto's interpreter with fixes; executions share one clock and run one after another."""

    name = "embedded"
    simulated = True
    at_once = 1

    def missing(self) -> str | None:
        """It needs nothing but Python."""
        return None

    @contextmanager
    def serve(self, mock_config: Path) -> Iterator[Any]:
        """A local AWS of its own, with a role for the machines."""
        with LocalAws(virtual_time=True, mock_config=mock_config) as aws:
            trust = {
                "Effect": "Allow",
                "Principal": {"Service": "states.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
            document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
            aws.client("iam").create_role(RoleName=ROLE, AssumeRolePolicyDocument=document)
            yield aws.client("stepfunctions")
