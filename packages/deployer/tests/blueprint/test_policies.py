"""Every policy of every environment, and those of the deployer's users, checked by several linters."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from support.build_output import RUNTIME, write_builds
from support.environments import ACCOUNT, environment
from support.policy_lints import Policy, idle, linted, risks, wildcards

from deployer.aws.roles import policy_document
from deployer.blueprint import blueprint
from deployer.blueprint.specs import PACKAGES
from deployer.build_output.reading import load_builds
from deployer.environment_file import Environment
from deployer.environment_file.load import load_environment
from deployer.model.names import names_of
from deployer.model.resources import Role
from deployer.required_permissions.documents import documents
from deployer.required_permissions.grants import Task
from deployer.required_permissions.scope import scope_of
from deployer.required_permissions.statements import required_permissions

EXAMPLES = Path(__file__).resolve().parents[4] / "config"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/00000000-0000-0000-0000-000000000000"
OUTSIDE = {"outputBucket": "fsa-test-cars-artifacts", "outputPrefix": "releases/"}
NETWORK = {
    "ConnectionName": "MADE",
    "type": "NETWORK",
    "VpcId": "vpc-1",
    "SubnetIds": "s-1",
    "SecurityGroupIds": "g-1",
}
Check = Callable[[Policy], Iterable[str]]


@dataclass(frozen=True)
class Found:
    """A policy, and the reason of each of its statements."""

    content: Policy
    reasons: Mapping[str, str]


def environments() -> Iterator[Environment]:
    """The examples, the built-in one, one with everything switched on, and one with nothing."""
    for name in ("prod", "dev", "steam"):
        yield load_environment(name, EXAMPLES)
    yield load_environment("local")
    yield environment(kmsKeyArn=KEY, GlueJobParameters={"Connections": [NETWORK]})
    yield environment(kmsKeyArn=KEY, configUpload=OUTSIDE)
    yield environment(schedule=None, lambdaVpc=None, snsTopicArn="", secretName="")


@pytest.fixture(scope="module")
def policies(tmp_path_factory: pytest.TempPathFactory) -> list[Found]:
    builds = load_builds(write_builds(tmp_path_factory.mktemp("builds")), RUNTIME, "5.1", PACKAGES)
    found = []
    for item in environments():
        resources = blueprint(item, names_of(item, "aws", ACCOUNT), builds).resources
        roles = [resource for resource in resources if isinstance(resource, Role)]
        found += [Found(policy_document(role.policy), _reasons(role)) for role in roles]
        for tasks in (tuple(Task), *((task,) for task in Task)):
            for document in documents(required_permissions(scope_of(item, ACCOUNT), tasks)):
                found.append(Found(document.content, {grant.sid: grant.reason for grant in document.grants}))
    return found


def _reasons(role: Role) -> dict[str, str]:
    return {sid: statement.reason for sid, statement in role.policy.items()}


def test_every_statement_has_a_reason(policies: list[Found]) -> None:
    statements = [(found.reasons, item["Sid"]) for found in policies for item in found.content["Statement"]]
    assert len(statements) > 500
    for reasons, sid in statements:
        reason = reasons[sid]
        assert 10 < len(reason) < 200, sid
        assert not reason.endswith("."), sid


NO_INTERFACE_YET = "asked for before the interface is made, which has no id until then"
ONLY_READS = "reads only, and a connection that is there already does not say in which network it is"
WHO_DEPLOYS = (
    "whoever deploys writes the roles of this environment, by name, and hands them to its services only"
)
ONE_IS_ENOUGH = (
    "the resource that it misses is in the statement beside, or one of two kinds that are asked for in turn"
)
# Accepted findings, each with the reason.
KNOWN: dict[Check, dict[str, str]] = {
    wildcards: {
        "NetworkInterfaces: ec2:AssignPrivateIpAddresses on * could name network-interface": NO_INTERFACE_YET,
        "NetworkInterfaces: ec2:CreateNetworkInterface on * could name network-interface or security-group or subnet": (
            NO_INTERFACE_YET
        ),
        "NetworkInterfaces: ec2:DeleteNetworkInterface on * could name network-interface": NO_INTERFACE_YET,
        "NetworkInterfaces: ec2:UnassignPrivateIpAddresses on * could name network-interface": NO_INTERFACE_YET,
        "NetworkInterfaces: ec2:DescribeVpcAttribute on * could name vpc": ONLY_READS,
    },
    idle: {},
    linted: {
        "PERMISSIONS_MANAGEMENT_ACTIONS": WHO_DEPLOYS,
        "PRIVILEGE_ESCALATION": WHO_DEPLOYS,
        "RESOURCE_MISMATCH glue:DeleteConnection": ONE_IS_ENOUGH,
        "RESOURCE_MISMATCH glue:DeleteConnection glue:DeleteDatabase": ONE_IS_ENOUGH,
        "RESOURCE_MISMATCH states:DescribeExecution": ONE_IS_ENOUGH,
        "RESOURCE_MISMATCH states:ListExecutions": ONE_IS_ENOUGH,
        "RESOURCE_STAR ec2:AssignPrivateIpAddresses ec2:CreateNetworkInterface ec2:DeleteNetworkInterface "
        "ec2:UnassignPrivateIpAddresses": NO_INTERFACE_YET,
        "RESOURCE_STAR ec2:CreateNetworkInterface ec2:DeleteNetworkInterface ec2:DescribeVpcAttribute": (
            NO_INTERFACE_YET
        ),
    },
    risks: {
        "infrastructure modification ec2:AssignPrivateIpAddresses": NO_INTERFACE_YET,
        "infrastructure modification ec2:CreateNetworkInterface": NO_INTERFACE_YET,
        "infrastructure modification ec2:DeleteNetworkInterface": NO_INTERFACE_YET,
        "infrastructure modification ec2:UnassignPrivateIpAddresses": NO_INTERFACE_YET,
    },
}


@pytest.mark.parametrize("check", KNOWN, ids=lambda check: check.__name__)
def test_nothing_is_found_but_what_is_known(policies: list[Found], check: Check) -> None:
    found = {line for policy in policies for line in check(policy.content)}
    assert found == set(KNOWN[check])


def policy(*actions: str, on: str = "*", **more: Any) -> Policy:
    statement = {"Sid": "S", "Effect": "Allow", "Action": list(actions), "Resource": [on], **more}
    return {"Version": "2012-10-17", "Statement": [statement]}


@pytest.mark.parametrize(
    ("check", "bad", "line"),
    [
        (wildcards, policy("s3:Get*", on="arn:aws:s3:::b/*"), "S: s3:Get* is a pattern"),
        (wildcards, policy("sns:Publish"), "S: sns:Publish on * could name topic"),
        (
            idle,
            policy("s3:ListBucket", on="arn:aws:s3:::b/a"),
            "S: s3:ListBucket knows none of the resources",
        ),
        (
            idle,
            policy("lambda:InvokeFunction", on=f"arn:aws:sqs:us-east-1:{ACCOUNT}:q"),
            "S: no action knows a sqs q",
        ),
        (
            linted,
            policy("s3:GetObjects", on="arn:aws:s3:::b/*"),
            "UNKNOWN_ACTION Unknown action s3:GetObjects",
        ),
        (risks, policy("iam:CreatePolicyVersion"), "privilege escalation CreateNewPolicyVersion"),
        (risks, policy("s3:GetObject"), "data exfiltration s3:GetObject"),
        (risks, policy("ecr:GetAuthorizationToken"), "credentials exposure ecr:GetAuthorizationToken"),
        (risks, policy("iam:PassRole"), "resource exposure iam:PassRole"),
        (risks, policy("ec2:TerminateInstances"), "infrastructure modification ec2:TerminateInstances"),
    ],
    ids=lambda value: value.__name__ if callable(value) else None,
)
def test_each_check_finds_what_it_is_there_for(check: Check, bad: Policy, line: str) -> None:
    assert line in list(check(bad))


def test_an_action_that_aws_does_not_have_is_no_action() -> None:
    with pytest.raises(KeyError):
        list(wildcards(policy("s3:GetObjects")))
