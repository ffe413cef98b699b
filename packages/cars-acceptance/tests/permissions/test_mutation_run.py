"""A mutation run of a small role on the local AWS, with and without superfluous permissions."""

import itertools
import json
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError
from rich.console import Console

from cars_acceptance.permissions.environments import Environment
from cars_acceptance.permissions.mutation_run import MutationRun, cover, failures, mutate
from cars_acceptance.permissions.policies import ENVIRONMENT_TAG, Policies
from cars_acceptance.permissions.report import as_dict, show, write
from cars_acceptance.permissions.scenario_context import Scenario, ScenarioContext, ScenarioError
from local_aws.access.decisions import DecisionRecord
from local_aws.server import LocalAws
from local_aws.testing.roles import allow, document

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Reader:
    """A role that reads one object of its bucket."""

    context: ScenarioContext
    role: str
    bucket: str

    def read(self, _: ScenarioContext) -> None:
        session = self.context.client("sts").assume_role(RoleArn=self.role, RoleSessionName="reader")[
            "Credentials"
        ]
        client = self.context.client("s3", **_credentials(session))
        try:
            client.get_object(Bucket=self.bucket, Key="a")
        except ClientError as error:
            raise ScenarioError(str(error)) from error

    def remove_each(self) -> MutationRun:
        iam = Policies(self.context.client("iam"), self.context.environment.deploy_env)
        found = cover(self.context, iam.read(), [Scenario("an object is read", self.read)], lambda _: None)
        mutate(self.context, iam, found, lambda _: None)
        return found


def _credentials(session: dict[str, str]) -> dict[str, str]:
    return {
        "aws_access_key_id": session["AccessKeyId"],
        "aws_secret_access_key": session["SecretAccessKey"],
        "aws_session_token": session["SessionToken"],
    }


@pytest.fixture
def reader(local_aws: LocalAws) -> Any:
    """Makes a reader with statements, in an environment of its own."""

    def make(*statements: Any) -> Reader:
        name = f"mutations{next(_numbers)}"
        environment = Environment(name, optional_keys=False)
        context = ScenarioContext(
            environment, {}, {}, local_aws.client, DecisionRecord(local_aws.endpoint_url)
        )
        context.client("s3").create_bucket(Bucket=name)
        context.put(name, "a", b"a")
        trust = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
        iam, tags = context.client("iam"), [{"Key": ENVIRONMENT_TAG, "Value": environment.deploy_env}]
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trust), Tags=tags)
        text = json.dumps(statements).replace("BUCKET", name)
        iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=document(*json.loads(text)))
        return Reader(context, role["Role"]["Arn"], name)

    return make


READ = {"Sid": "Read", **allow("s3:GetObject", "arn:aws:s3:::BUCKET/*")}


def test_permission_that_is_needed_is_used_and_killed(reader: Any) -> None:
    found = reader(READ).remove_each()
    assert [(mutant.scenario, "AccessDenied" in mutant.failure) for mutant in found.mutants] == [
        ("an object is read", True)
    ] * 2
    assert (found.statements, found.unused, found.survivors, failures(found)) == (1, [], [], [])


def test_superfluous_permission_is_reported_as_unused(reader: Any) -> None:
    unneeded = {"Sid": "Unneeded", **allow("s3:DeleteObject", "arn:aws:s3:::BUCKET/*")}
    found = reader(READ, unneeded).remove_each()
    assert {permission.text for permission in found.unused if permission.sid == "Unneeded"} == {
        "s3:DeleteObject", f"arn:aws:s3:::{found.environment}/*"
    }  # fmt: skip
    assert [line for line in failures(found) if "granted but unused" in line and "Unneeded" in line]
    assert len(failures(found)) == 2


def test_permission_that_another_one_covers_survives(reader: Any) -> None:
    duplicate = {"Sid": "Duplicate", **allow("s3:GetObject", "arn:aws:s3:::BUCKET/a")}
    found = reader(READ, duplicate).remove_each()
    assert {permission.sid for permission in found.survivors} == {"Read", "Duplicate"}
    assert all(line.startswith("nothing fails without it: ") for line in failures(found))
    assert len(failures(found)) == 4


def test_policy_is_restored_after_the_mutation_run(reader: Any) -> None:
    made = reader(READ)
    iam = made.context.client("iam")
    before = iam.get_role_policy(RoleName=made.bucket, PolicyName="p")["PolicyDocument"]
    made.remove_each()
    assert iam.get_role_policy(RoleName=made.bucket, PolicyName="p")["PolicyDocument"] == before


def test_scenario_that_fails_with_all_permissions_stops_the_run(reader: Any) -> None:
    made = reader({"Sid": "Other", **allow("s3:PutObject", "arn:aws:s3:::BUCKET/*")})
    with pytest.raises(ScenarioError, match=f"{made.bucket}: an object is read: .*AccessDenied"):
        made.remove_each()


def test_failure_for_another_reason_does_not_count(reader: Any) -> None:
    made = reader(READ)
    made.context.client("s3").put_object(Bucket=made.bucket, Key="a", Body=b"a")
    iam = Policies(made.context.client("iam"), made.context.environment.deploy_env)
    times = itertools.count()

    def breaks(context: ScenarioContext) -> None:
        made.read(context) if not next(times) else _break()

    found = cover(made.context, iam.read(), [Scenario("breaks", breaks)], lambda _: None)
    mutate(made.context, iam, found, lambda _: None)
    assert len(found.survivors) == 2


def _break() -> None:
    raise ScenarioError("the network is down")


def test_report_counts_and_names_what_is_wrong(reader: Any, tmp_path: Any) -> None:
    unneeded = {"Sid": "Unneeded", **allow("s3:DeleteObject", "arn:aws:s3:::BUCKET/*")}
    found = reader(READ, unneeded).remove_each()
    outcome = as_dict([found], failures(found), 1.23)
    assert (outcome["result"], outcome["statements"], outcome["mutants"], outcome["unused"]) == (
        "failed",
        2,
        4,
        2,
    )
    written = json.loads(write(tmp_path, outcome).read_text())
    assert [item["failed"] for item in written["environments"][0]["mutants"]] == ["an object is read"] * 2 + [
        ""
    ] * 2
    console = Console(record=True, width=40)
    show(console, [found], outcome)
    text = console.export_text()
    assert "statements 2, mutants 4, unused 2, survivors 2" in text
    assert f"granted but unused: {found.environment} Unneeded: action s3:DeleteObject" in text
