"""The deployer's own permissions: from the config alone, in as many documents as IAM takes, shown three ways."""

import json
from pathlib import Path
from typing import Any

import boto3
import pytest
from support.environments import ACCOUNT, environment, raw_config
from typer.testing import CliRunner

from deployer.cli import required_permissions as command
from deployer.cli.app import app
from deployer.errors import AccountError
from deployer.model.permissions import ANYWHERE, Scope
from deployer.required_permissions.documents import LIMIT, Document, documents
from deployer.required_permissions.grants import Grant, Task
from deployer.required_permissions.scope import scope_of
from deployer.required_permissions.statements import required_permissions

KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/00000000-1111-2222-3333-444444444444"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/given"


def scope(**changes: Any) -> Scope:
    return scope_of(environment(**changes), ACCOUNT)


def by_sid(*tasks: Task, **changes: Any) -> dict[str, Grant]:
    return {item.sid: item for item in required_permissions(scope(**changes), tasks or tuple(Task))}


def test_no_action_is_a_wildcard_and_every_statement_has_its_own_name_and_reason() -> None:
    found = required_permissions(scope(kmsKeyArn=KEY))
    assert not [action for item in found for action in item.actions if "*" in action]
    assert all(item.sid.isalnum() and len(item.reason) > 15 for item in found)
    assert len({item.sid for item in found}) == len(found)


def test_star_is_used_only_where_aws_knows_no_resource() -> None:
    anywhere = {
        item.sid: item for item in required_permissions(scope()) if set(item.resources) & set(ANYWHERE)
    }
    assert set(anywhere) == {"Find", "SeeNetwork"}
    verbs = {action.partition(":")[2][:4] for item in anywhere.values() for action in item.actions}
    assert verbs == {"List", "Desc"}


def test_roles_are_passed_to_their_service_only() -> None:
    found = by_sid(Task.DEPLOY, strparams={"etlRoleArnParam": ROLE})
    passing = {sid: item for sid, item in found.items() if "iam:PassRole" in item.actions}
    assert set(passing) == {"HandLambdaRoles", "HandGlueRoles", "HandStatesRoles", "HandSchedulerRoles"}
    assert passing["HandLambdaRoles"].resources == (ROLE,)
    assert passing["HandLambdaRoles"].conditions == {
        "StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}
    }
    assert found["CheckRoles"].resources == (ROLE,)
    assert ROLE not in found["WriteRoles"].resources


def test_what_the_file_does_not_have_is_not_asked_for() -> None:
    given = {"roleArn": ROLE, "createRoleIfMissing": "false"}
    roles = {"etlRoleArnParam": ROLE, "glueJobRoleArnParam": ROLE}
    bare = by_sid(
        schedule=None, lambdaVpc=None, secretName="", snsTopicArn="", stepFunctions=given, strparams=roles
    )
    full = by_sid(
        kmsKeyArn=KEY, strparams={"customLayerArnParam": f"arn:aws:lambda:us-east-1:{ACCOUNT}:layer:a:1"}
    )
    gone = {
        "WriteSchedule",
        "WriteQueue",
        "HandSchedulerRoles",
        "SeeNetwork",
        "CheckSecret",
        "CheckTopic",
        "WriteRoles",
    }
    keyed = {"CheckKey", "CheckLayers", "ReadEncrypted", "EncryptVariables", "LendKey"}
    keyed |= {"EncryptObjects", "ReadEncryptedConfigs"}
    assert full.keys() - bare.keys() == gone | keyed
    assert bare.keys() - full.keys() == {"CheckRoles"}
    assert set(full["WriteLogGroups"].actions) - set(bare["WriteLogGroups"].actions) == {
        "logs:AssociateKmsKey",
        "logs:DisassociateKmsKey",
    }


def test_a_key_of_another_region_than_the_buckets_protects_no_artifacts() -> None:
    found = by_sid(kmsKeyArn=KEY, bucketRegion="us-west-2")
    assert "EncryptArtifacts" not in found
    assert found["ReadEncrypted"].conditions == {
        "StringEquals": {"kms:ViaService": ["lambda.us-east-1.amazonaws.com"]}
    }


def test_planning_only_reads() -> None:
    verbs = ("Check", "Describe", "Get", "Head", "List", "Decrypt")
    actions = {action for item in by_sid(Task.PLAN, kmsKeyArn=KEY).values() for action in item.actions}
    assert {action for action in actions if not action.partition(":")[2].startswith(verbs)} == set()


def test_names_follow_the_partition_of_the_region() -> None:
    found = required_permissions(
        scope_of(environment(region="us-gov-west-1", bucketRegion="us-gov-west-1", snsTopicArn=""), ACCOUNT)
    )
    arns = {resource for item in found for resource in item.resources} - set(ANYWHERE)
    assert {arn.split(":")[1] for arn in arns} == {"aws-us-gov"}


def test_documents_keep_to_the_limit_and_hold_every_statement_once() -> None:
    found = documents(required_permissions(scope(kmsKeyArn=KEY)))
    assert len(found) > 1
    assert max(document.characters for document in found) <= LIMIT
    sids = [item.sid for document in found for item in document.grants]
    assert sorted(sids) == sorted(item.sid for item in required_permissions(scope(kmsKeyArn=KEY)))


def test_a_statement_that_is_too_long_for_one_document_is_cut_by_its_resources() -> None:
    arns = [f"arn:aws:glue:us-east-1:{ACCOUNT}:connection/{number:080}" for number in range(100)]
    long = Grant("Long", (Task.PLAN,), ("glue:GetConnection",), tuple(arns), "reads many")
    found = documents([long])
    assert max(document.characters for document in found) <= LIMIT
    pieces = [item for document in found for item in document.grants]
    assert [arn for piece in pieces for arn in piece.resources] == arns
    assert len({piece.sid for piece in pieces}) == len(pieces) > 1


def test_characters_are_counted_as_iam_counts_them() -> None:
    one = Grant("A", (Task.PLAN,), ("s3:GetObject",), ("arn:aws:s3:::a b/c",), "white space is free")
    statement = '{"Sid":"A","Effect":"Allow","Action":["s3:GetObject"],"Resource":["arn:aws:s3:::ab/c"]}'
    assert Document((one,)).characters == len(f'{{"Version":"2012-10-17","Statement":[{statement}]}}')


def test_account_comes_from_the_file_or_the_option() -> None:
    with pytest.raises(AccountError, match=r"cert.json does not name its account; .* pass --account"):
        scope_of(environment())
    assert scope_of(environment(account=ACCOUNT)).names.place.account == ACCOUNT
    assert scope_of(environment(strparams={"etlRoleArnParam": ROLE})).names.place.account == ACCOUNT
    with pytest.raises(AccountError, match=f"account is in account {ACCOUNT}, but --account is 999988887777"):
        scope_of(environment(account=ACCOUNT), "999988887777")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """`plan cert` where no session of AWS can be had but for the partition of a region."""
    (tmp_path / "cert.json").write_text(json.dumps(raw_config(account=ACCOUNT)))

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("AWS is asked")

    monkeypatch.setattr(boto3.Session, "client", refuse)

    def invoke(*words: str, code: int = 0) -> tuple[str, str]:
        done = CliRunner().invoke(app, ["plan", "cert", "--config-dir", str(tmp_path), *words])
        assert done.exit_code == code, (done.stdout, done.stderr, done.exception)
        return done.stdout, done.stderr

    return invoke


def test_a_pipe_gets_one_document_per_line(run: Any) -> None:
    out, err = run("--needs-iam")
    lines = out.splitlines()
    assert [len(line) for line in lines] == [
        document.characters for document in documents(required_permissions(scope()))
    ]
    assert all(json.loads(line)["Version"] == "2012-10-17" for line in lines)
    assert f"{len(lines)} managed policies (" in err
    assert f"of at most {LIMIT} characters), one per line" in err
    (only,) = run("--needs-iam", "--for", "run")[0].splitlines()
    assert [item["Sid"] for item in json.loads(only)["Statement"]] == ["StartPipeline", "FollowPipeline"]


def test_files_come_with_the_commands_that_attach_them(run: Any, tmp_path: Path) -> None:
    out, _ = run("--needs-iam", "--out", str(tmp_path / "made" / "needs.json"))
    files = sorted((tmp_path / "made").iterdir())
    assert [file.name for file in files] == [f"needs-{number}.json" for number in range(1, len(files) + 1)]
    assert (
        f"aws iam create-policy --policy-name cars-deployer-CERT-1 --policy-document file://{files[0]}" in out
    )
    assert f"--role-name ROLE --policy-arn arn:aws:iam::{ACCOUNT}:policy/cars-deployer-CERT-1" in out
    out, _ = run("--needs-iam", "--for", "plan", "--out", str(tmp_path / "plan.json"))
    assert "--policy-name cars-deployer-CERT-plan-1 " in out
    assert json.loads((tmp_path / "plan.json").read_text())["Statement"]


def test_json_tells_reasons_beside_the_documents(run: Any) -> None:
    found = json.loads(run("--needs-iam", "--for", "configs", "--json")[0])
    (policy,) = found["policies"]
    assert found["reasons"].keys() == {item["Sid"] for item in policy["document"]["Statement"]}
    assert (found["tasks"], found["limit"], policy["name"]) == (
        ["configs"],
        LIMIT,
        "cars-deployer-CERT-configs-1",
    )


def test_a_terminal_gets_statements_with_reasons(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal:
        is_terminal = True

        def print(self, line: str, **_: Any) -> None:
            print(line)

    monkeypatch.setattr(command, "stdout", Terminal)
    out, _ = run("--needs-iam", "--for", "run")
    assert "  run: run\n" in out
    assert "StartPipeline (run): starts the live release" in out
    assert "    when StringEquals states:StateMachineQualifier live\n" in out
    assert out.endswith(f"of at most {LIMIT} characters)\n")


def test_options_of_the_policy_mean_nothing_to_a_plan(run: Any) -> None:
    assert (
        "--for and --account go with --needs-iam only"
        in run("--for", "plan", "--account", ACCOUNT, code=1)[1]
    )
    assert "--account is 'prod'" in run("--needs-iam", "--account", "prod", code=1)[1]
