"""Bad input, through the command line: one clear message each, all of them at once, and no call that changes anything."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from support.account import trusting_role
from support.environments import ACCOUNT, environment
from support.sandbox import Sandbox
from typer.testing import CliRunner

from deployer.aws.clients import Clients
from deployer.aws.prerequisites import Finding, looked_at
from deployer.aws.trust import trusts
from deployer.cli.app import app
from deployer.environment_file import load_environment
from deployer.errors import PreflightError
from deployer.preflight import checks


@dataclass(frozen=True)
class Terminal:
    """Runs `plan` and `deploy --yes` in this process; both must end with code 1, one message and no change."""

    sandbox: Sandbox
    folder: Path
    patch: pytest.MonkeyPatch

    def refuses(self, env: str = "cert", **changes: Any) -> str:
        self.sandbox.changes = changes
        return self.refuses_file(self.sandbox.write_config(self.folder), env)

    def refuses_file(self, folder: Path, env: str = "cert") -> str:
        self.sandbox.operations.clear()
        self.patch.setattr(boto3, "Session", lambda: self.sandbox.clients.session)
        options = [env, "--config-dir", str(folder), "--build-dir", str(self.sandbox.build_dir)]
        messages = set()
        for command in (["plan", *options], ["deploy", *options, "--yes"]):
            done = CliRunner().invoke(app, command)
            assert (done.exit_code, done.stdout) == (1, ""), done.output
            messages.add(done.stderr)
        assert self.sandbox.mutations == []
        (message,) = messages
        return message


@pytest.fixture
def terminal(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    return Terminal(sandbox, tmp_path / "config", monkeypatch)


def test_config_of_another_account_is_refused_before_anything_is_read(terminal: Terminal) -> None:
    message = terminal.refuses(account="999988887777")
    assert message == (
        f"error: cert.json: account is in account 999988887777, but the credentials belong to account {ACCOUNT}; "
        f"nothing was changed; use credentials of 999988887777\n"
    )
    assert set(terminal.sandbox.operations) == {"GetCallerIdentity"}


def test_expired_credentials_say_the_way_out(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    def expired(_: Clients) -> None:
        answer = {
            "Error": {
                "Code": "ExpiredToken",
                "Message": "The security token included in the request is expired",
            }
        }
        raise ClientError(answer, "GetCallerIdentity")  # type: ignore[arg-type]

    monkeypatch.setattr(Clients, "caller", expired)
    message = terminal.refuses()
    assert (
        "security token included in the request is expired; the credentials have expired: log in again"
        in message
    )
    assert message.count("\n") == 1


def test_name_over_a_limit_is_refused_before_aws_is_asked(terminal: Terminal) -> None:
    terminal.sandbox.deploy_env = "E" * 30
    message = terminal.refuses()
    assert (
        "role FSA-EEEEEEEEEEEEEEEEEEEEEEEEEEEEEE-edv-build-processing-plan-role has 65 characters" in message
    )
    assert terminal.sandbox.operations == []


def test_everything_that_is_missing_is_listed_at_once(terminal: Terminal) -> None:
    glue = {"Connections": [{"ConnectionName": "FSA-CERT-NOWHERE", "type": "JDBC"}]}
    layer = f"arn:aws:lambda:us-east-1:{ACCOUNT}:layer:cars:7"
    message = terminal.refuses(
        strparams={
            "etlRoleArnParam": f"arn:aws:iam::{ACCOUNT}:role/no-such-etl",
            "glueJobRoleArnParam": f"arn:aws:iam::{ACCOUNT}:role/no-such-glue",
            "customLayerArnParam": layer,
            "landingBucketNameParam": "fsa-test-nowhere",
        },
        stepFunctions={
            "roleArn": f"arn:aws:iam::{ACCOUNT}:role/no-such-states",
            "createRoleIfMissing": "false",
        },
        artifacts={"artifactBucket": "fsa-test-nowhere-either"},
        GlueJobParameters=glue,
        secretName="no/such/secret",
        snsTopicArn=f"arn:aws:sns:us-east-1:{ACCOUNT}:no-such-topic",
        kmsKeyArn=f"arn:aws:kms:us-east-1:{ACCOUNT}:key/00000000-0000-0000-0000-000000000000",
    )
    first, *lines = message.splitlines()
    assert first == "error: cert.json: 10 problems, nothing was changed:"
    assert [line.split(";")[0] for line in lines] == [
        "  artifacts.artifactBucket: bucket fsa-test-nowhere-either does not exist",
        "  strparams.landingBucketNameParam: bucket fsa-test-nowhere does not exist",
        f"  strparams.etlRoleArnParam: role arn:aws:iam::{ACCOUNT}:role/no-such-etl does not exist",
        f"  strparams.glueJobRoleArnParam: role arn:aws:iam::{ACCOUNT}:role/no-such-glue does not exist",
        f"  stepFunctions.roleArn: role arn:aws:iam::{ACCOUNT}:role/no-such-states does not exist",
        "  GlueJobParameters.Connections: connection FSA-CERT-NOWHERE does not exist and cannot be made: its entry has "
        "no SubnetIds, SecurityGroupIds, JdbcUrl, SecretId",
        f"  strparams.customLayerArnParam: layer version {layer} does not exist",
        "  secretName: secret no/such/secret does not exist",
        f"  snsTopicArn: topic arn:aws:sns:us-east-1:{ACCOUNT}:no-such-topic does not exist",
        f"  kmsKeyArn: key arn:aws:kms:us-east-1:{ACCOUNT}:key/00000000-0000-0000-0000-000000000000 does not exist",
    ]


def test_bucket_of_another_account_is_named(terminal: Terminal) -> None:
    name = f"theirs-{terminal.sandbox.deploy_env.lower()}"
    terminal.sandbox.client("s3").create_bucket(Bucket=name)

    def trade_places(params: dict[str, Any], **_: Any) -> None:
        """The local AWS knows one account: asked for another owner, it answers as it would to a stranger."""
        if params["Bucket"] == name and params.get("ExpectedBucketOwner") == ACCOUNT:
            params["ExpectedBucketOwner"] = "999988887777"

    events, on = terminal.sandbox.clients.session.events, "before-parameter-build.s3.HeadBucket"
    events.register(on, trade_places)
    try:
        message = terminal.refuses(
            artifacts={"artifactBucket": name}, strparams={"finalBucketNameParam": name}
        )
    finally:
        events.unregister(on, trade_places)
    assert message == (
        f"error: cert.json: 1 problem, nothing was changed:\n"
        f"  artifacts.artifactBucket: bucket {name} belongs to another account than {ACCOUNT}; "
        f"name a bucket of your account\n"
    )


def test_role_that_its_service_cannot_assume_is_named(terminal: Terminal) -> None:
    arn = trusting_role(terminal.sandbox.client, f"wrong-{terminal.sandbox.deploy_env}", "ec2.amazonaws.com")
    message = terminal.refuses(
        strparams={"etlRoleArnParam": arn}, schedule={"expression": "rate(1 day)", "roleArn": arn}
    )
    assert f"schedule.roleArn: role {arn} cannot be assumed by scheduler.amazonaws.com" in message
    assert (
        f"strparams.etlRoleArnParam: role {arn} cannot be assumed by lambda.amazonaws.com; allow sts:Assume"
        in message
    )


def test_key_and_secret_that_are_about_to_go_are_named(terminal: Terminal) -> None:
    kms, secrets = terminal.sandbox.client("kms"), terminal.sandbox.client("secretsmanager")
    made = kms.create_key()["KeyMetadata"]
    key = made["Arn"]
    kms.disable_key(KeyId=made["KeyId"])
    secrets.create_secret(Name=f"gone/{terminal.sandbox.deploy_env}", SecretString="{}")
    secrets.delete_secret(SecretId=f"gone/{terminal.sandbox.deploy_env}")
    message = terminal.refuses(kmsKeyArn=key, secretName=f"gone/{terminal.sandbox.deploy_env}")
    assert f"kmsKeyArn: key {key} is Disabled; enable it, or name another" in message
    assert f"secretName: secret gone/{terminal.sandbox.deploy_env} is to be deleted; restore it" in message


def test_layer_made_for_another_runtime_is_a_warning(sandbox: Sandbox) -> None:
    made = sandbox.client("lambda").publish_layer_version(
        LayerName=f"cars-{sandbox.deploy_env}", Content={"ZipFile": b"PK"}, CompatibleRuntimes=["python3.8"]
    )
    arn = made["LayerVersionArn"]
    sandbox.changes = {"strparams": {"customLayerArnParam": arn}}
    notes = sandbox.prepare().plan.notes
    assert any(
        f"customLayerArnParam: layer {arn} is made for python3.8, not for python3." in n for n in notes
    )


def test_runtime_past_its_end_of_support_is_refused(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "today", lambda: date(2039, 1, 1))
    assert "AWS ended its support on 20" in terminal.refuses()


def test_announced_end_of_support_is_a_note_and_in_the_last_year_a_warning() -> None:
    config = environment(strparams={"lambdaRuntime": "python3.12"})
    (calm,) = checks.support(config, date(2026, 6, 1))
    assert calm == Finding(
        "strparams.lambdaRuntime python3.12: AWS supports it until 2028-10-31", problem=False
    )
    (near,) = checks.support(config, date(2028, 10, 30))
    assert near.text == (
        "warning: strparams.lambdaRuntime python3.12: AWS ends its support on 2028-10-31 and refuses it from "
        "2029-01-10 on; set python3.13"
    )
    (gone,) = checks.support(config, date(2028, 10, 31))
    assert gone == Finding(
        "strparams.lambdaRuntime python3.12: AWS ended its support on 2028-10-31 and refuses it from 2029-01-10 on; "
        "set python3.13"
    )
    assert list(checks.support(load_environment("local"), date(2039, 1, 1))) == []


def test_schedule_that_has_ended_is_a_warning() -> None:
    config = environment(schedule={"expression": "rate(1 day)", "endDate": "2026-06-01"})
    texts = [finding.text for finding in checks.support(config, date(2026, 6, 2)) if not finding.problem]
    assert any(
        text.startswith("warning: schedule.endDate 2026-06-01 is past: nothing starts") for text in texts
    )


def test_what_may_not_be_looked_at_is_a_warning_and_other_errors_go_on() -> None:
    def fails(code: str) -> Any:
        def check() -> list[Finding]:
            raise ClientError({"Error": {"Code": code, "Message": "no"}}, "DescribeSecret")

        return check

    assert looked_at("secret s", fails("AccessDeniedException")) == [
        Finding("warning: secret s could not be checked: no", problem=False)
    ]
    with pytest.raises(ClientError):
        looked_at("secret s", fails("InternalServiceError"))


def test_warnings_are_notes_of_the_plan(sandbox: Sandbox) -> None:
    assert any("strparams.lambdaRuntime python3.1" in note for note in sandbox.prepare().plan.notes)


def test_problems_come_first_when_reading_fails_meanwhile(sandbox: Sandbox) -> None:
    sandbox.changes = {"secretName": "no/such/secret"}
    deployment = sandbox.open()
    with (
        pytest.raises(PreflightError, match="secret no/such/secret does not exist"),
        checks.preflight(deployment.environment, deployment.clients, deployment.names),
    ):
        raise OSError("reading failed")


@pytest.mark.parametrize(
    ("statement", "trusted"),
    [
        (
            {"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"},
            True,
        ),
        (
            {
                "Effect": "Allow",
                "Principal": {"Service": ["x", "glue.amazonaws.com"]},
                "Action": ["sts:TagSession", "sts:AssumeRole"],
            },
            True,
        ),
        (
            {"Effect": "Deny", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"},
            False,
        ),
        (
            {"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:TagSession"},
            False,
        ),
        ({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}, False),
        ({"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}, False),
    ],
)
def test_trust_is_read_off_the_policy(statement: dict[str, Any], trusted: bool) -> None:
    assert trusts({"Statement": statement}, "glue.amazonaws.com") is trusted
    assert trusts({"Statement": [statement]}, "glue.amazonaws.com") is trusted
    assert trusts({}, "glue.amazonaws.com") is False
