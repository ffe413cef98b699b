"""A permission that is missing, through the command line: what is denied, on what, and the way out."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError
from support.environments import ACCOUNT
from support.policy_users import Lifecycle

from deployer.aws.denials import denial_of
from deployer.errors import DeployerError
from deployer.required_permissions.grants import Task

if TYPE_CHECKING:
    from local_aws.server import LocalAws

WAY_OUT = "nox -s plan -- ENV --needs-iam prints the policy that the deployer needs for an environment"
WHERE = f"us-east-1:{ACCOUNT}"
_numbers = itertools.count(1)


@pytest.fixture
def lifecycle(aws: "LocalAws", build_dir: Path, tmp_path: Path) -> Lifecycle:
    """An environment that nobody has deployed."""
    lifecycle = Lifecycle(aws, tmp_path, build_dir, f"DENY{next(_numbers)}")
    lifecycle.configure()
    return lifecycle


def without(lifecycle: Lifecycle, task: Task, sid: str, action: str) -> None:
    """One action less for the person with this task."""
    person = lifecycle.people[task]
    person.allow(
        tuple(
            replace(item, actions=tuple(name for name in item.actions if name != action) or ("none:Left",))
            if item.sid == sid
            else item
            for item in person.grants
        )
    )


@pytest.mark.parametrize(
    ("task", "sid", "action", "where"),
    [
        (Task.PLAN, "ReadFunctions", "lambda:GetFunction", "on arn:aws:lambda:{where}:function:{prefix}"),
        (Task.PLAN, "ReadArtifacts", "s3:GetObject", "on s3://fsa-test-cars-artifacts/cars/"),
        (Task.PLAN, "Find", "iam:ListRoles", "for arn:aws:iam::{account}:user/"),
        (Task.DEPLOY, "WriteRoles", "iam:CreateRole", "on arn:aws:iam::{account}:role/{prefix}"),
        (Task.DEPLOY, "HandLambdaRoles", "iam:PassRole", "on arn:aws:iam::{account}:role/{prefix}"),
        (Task.DEPLOY, "Guard", "s3:PutObject", "on arn:aws:s3:::fsa-test-cars-artifacts/cars/deployments/"),
    ],
)
def test_denied_action_is_named_with_the_way_out(
    lifecycle: Lifecycle, task: Task, sid: str, action: str, where: str
) -> None:
    without(lifecycle, task, sid, action)
    words = ("plan",) if task is Task.PLAN else ("deploy", "--yes")
    said = lifecycle.built(task, *words, code=1)
    place = where.format(where=WHERE, account=ACCOUNT, prefix=lifecycle.prefix)
    (line,) = [line for line in said.splitlines() if "not allowed: " in line]
    assert f"not allowed: {action} {place}" in line
    assert line.endswith(f"; {WAY_OUT}")


def test_denied_bucket_is_named_with_the_way_out(lifecycle: Lifecycle) -> None:
    without(lifecycle, Task.PLAN, "LookAtBuckets", "s3:ListBucket")
    said = lifecycle.built(Task.PLAN, "plan", code=1)
    assert "is closed to these credentials (nox -s plan -- ENV --needs-iam prints what they need)" in said


def denied(code: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "CreateRole")


@pytest.fixture
def caused() -> Callable[[Exception], DeployerError]:
    def because(cause: Exception) -> DeployerError:
        error = DeployerError("1 of 2 changes failed")
        error.__cause__ = cause
        return error

    return because


def test_denials_are_found_behind_the_errors_that_they_caused(
    caused: Callable[[Exception], DeployerError],
) -> None:
    reason = "with an explicit deny in a service control policy"
    sentence = f"User: u is not authorized to perform: iam:CreateRole on resource: arn:r {reason}"
    found = denial_of(caused(denied("AccessDenied", sentence)))
    assert found is not None
    assert str(found) == f"not allowed: iam:CreateRole on arn:r for u ({reason}); {WAY_OUT}"
    assert (
        str(denial_of(denied("AccessDenied", "Access Denied")))
        == f"not allowed: CreateRole (Access Denied); {WAY_OUT}"
    )
    assert denial_of(caused(denied("Throttling", sentence))) is None
    assert denial_of(DeployerError("no cause")) is None
