"""A survey of a small role on the local AWS: what is needed, what is planted beside it."""

import itertools
import json
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError
from rich.console import Console

from cars_acceptance.permissions.environments import Place
from cars_acceptance.permissions.mutation_run import Survey, failures, mutate, walk
from cars_acceptance.permissions.policies import ENVIRONMENT_TAG, Policies
from cars_acceptance.permissions.report import as_dict, show, write
from cars_acceptance.permissions.scenario_context import Scenario, ScenarioError, Stage
from local_aws.access.decisions import DecisionRecord
from local_aws.server import LocalAws
from local_aws.testing.roles import allow, document

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Reader:
    """A role that reads one object of its bucket."""

    stage: Stage
    role: str
    bucket: str

    def read(self, _: Stage) -> None:
        session = self.stage.client("sts").assume_role(RoleArn=self.role, RoleSessionName="survey")[
            "Credentials"
        ]
        client = self.stage.client("s3", **_credentials(session))
        try:
            client.get_object(Bucket=self.bucket, Key="a")
        except ClientError as error:
            raise ScenarioError(str(error)) from error

    def survey(self) -> Survey:
        iam = Policies(self.stage.client("iam"), self.stage.place.deploy_env)
        found = walk(self.stage, iam.read(), [Scenario("an object is read", self.read)], lambda _: None)
        mutate(self.stage, iam, found, lambda _: None)
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
        name = f"survey{next(_numbers)}"
        place = Place(name, rich=False)
        stage = Stage(place, {}, {}, local_aws.client, DecisionRecord(local_aws.endpoint_url))
        stage.client("s3").create_bucket(Bucket=name)
        stage.put(name, "a", b"a")
        trust = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
        iam, tags = stage.client("iam"), [{"Key": ENVIRONMENT_TAG, "Value": place.deploy_env}]
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trust), Tags=tags)
        text = json.dumps(statements).replace("BUCKET", name)
        iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=document(*json.loads(text)))
        return Reader(stage, role["Role"]["Arn"], name)

    return make


READ = {"Sid": "Read", **allow("s3:GetObject", "arn:aws:s3:::BUCKET/*")}


def test_permission_that_is_needed_is_used_and_killed(reader: Any) -> None:
    found = reader(READ).survey()
    assert [(fate.scenario, "AccessDenied" in fate.failure) for fate in found.fates] == [
        ("an object is read", True)
    ] * 2
    assert (found.statements, found.unused, found.survivors, failures(found)) == (1, [], [], [])


def test_permission_that_is_planted_is_reported_as_unused(reader: Any) -> None:
    planted = {"Sid": "Planted", **allow("s3:DeleteObject", "arn:aws:s3:::BUCKET/*")}
    found = reader(READ, planted).survey()
    assert {part.text for part in found.unused if part.sid == "Planted"} == {
        "s3:DeleteObject", f"arn:aws:s3:::{found.environment}/*"
    }  # fmt: skip
    assert [line for line in failures(found) if "granted but unused" in line and "Planted" in line]
    assert len(failures(found)) == 2


def test_permission_that_another_one_covers_survives(reader: Any) -> None:
    twin = {"Sid": "Twin", **allow("s3:GetObject", "arn:aws:s3:::BUCKET/a")}
    found = reader(READ, twin).survey()
    assert {part.sid for part in found.survivors} == {"Read", "Twin"}
    assert all(line.startswith("nothing fails without it: ") for line in failures(found))
    assert len(failures(found)) == 4


def test_policy_is_back_after_the_survey(reader: Any) -> None:
    made = reader(READ)
    iam = made.stage.client("iam")
    before = iam.get_role_policy(RoleName=made.bucket, PolicyName="p")["PolicyDocument"]
    made.survey()
    assert iam.get_role_policy(RoleName=made.bucket, PolicyName="p")["PolicyDocument"] == before


def test_scenario_that_fails_with_all_permissions_ends_the_survey(reader: Any) -> None:
    made = reader({"Sid": "Other", **allow("s3:PutObject", "arn:aws:s3:::BUCKET/*")})
    with pytest.raises(ScenarioError, match=f"{made.bucket}: an object is read: .*AccessDenied"):
        made.survey()


def test_failure_for_another_reason_does_not_count(reader: Any) -> None:
    made = reader(READ)
    made.stage.client("s3").put_object(Bucket=made.bucket, Key="a", Body=b"a")
    iam = Policies(made.stage.client("iam"), made.stage.place.deploy_env)
    times = itertools.count()

    def breaks(stage: Stage) -> None:
        made.read(stage) if not next(times) else _break()

    found = walk(made.stage, iam.read(), [Scenario("breaks", breaks)], lambda _: None)
    mutate(made.stage, iam, found, lambda _: None)
    assert len(found.survivors) == 2


def _break() -> None:
    raise ScenarioError("the network is down")


def test_report_counts_and_names_what_is_wrong(reader: Any, tmp_path: Any) -> None:
    planted = {"Sid": "Planted", **allow("s3:DeleteObject", "arn:aws:s3:::BUCKET/*")}
    found = reader(READ, planted).survey()
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
    assert f"granted but unused: {found.environment} Planted: action s3:DeleteObject" in text
