"""What an environment has beside functions, job and machine: schedule, queue, connections, databases, key and tags."""

import json
from pathlib import Path
from typing import Any, TypeVar

import pytest
from support.environments import ACCOUNT, environment

from deployer.blueprint import Blueprint, blueprint
from deployer.blueprint.connections import lacking, resolved
from deployer.blueprint.specs import PACKAGES
from deployer.build_output.reading import load_builds
from deployer.model.names import names_of
from deployer.model.resources import (
    Artifact,
    CatalogDatabase,
    Document,
    Function,
    GlueConnection,
    LogGroup,
    Queue,
    Resource,
    Role,
    Schedule,
    Statement,
)

R = TypeVar("R", bound=Resource)
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/0a1b2c3d-0000-1111-2222-333344445555"
ENOUGH = {
    "ConnectionName": "C",
    "type": "network",
    "SubnetIds": "subnet-2, subnet-1",
    "SecurityGroupIds": "sg-2,sg-1",
}


def _wanted(build_dir: Path, **changes: Any) -> Blueprint:
    found = environment(**changes)
    builds = load_builds(build_dir, found.runtime, "5.1", PACKAGES)
    return blueprint(found, names_of(found, "aws", ACCOUNT), builds)


def _all(wanted: Blueprint, kind: type[R]) -> list[R]:
    return [resource for resource in wanted.resources if isinstance(resource, kind)]


def _role(wanted: Blueprint, suffix: str) -> Role:
    return next(role for role in _all(wanted, Role) if role.name == f"FSA-CERT-{suffix}")


def test_schedule_starts_the_live_alias_for_the_day_on_which_it_was_due(build_dir: Path) -> None:
    (found,) = _all(_wanted(build_dir), Schedule)
    assert (found.name, found.group) == ("FSA-CERT-CARS-EDV-Pipeline", "FSA-CERT-CARS")
    assert found.target == f"arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:FSA-CERT-CARS-EDV-Pipeline:live"
    assert found.input.value() == {"start_date": "<aws.scheduler.scheduled-time>", "run_type": "incremental"}
    assert (found.expression, found.timezone, found.enabled) == ("cron(0 9 * * ? *)", "UTC", True)
    assert (found.retries, found.event_age_seconds, found.flexible_minutes) == (3, 3600, 0)
    assert found.dead_letters == f"arn:aws:sqs:us-east-1:{ACCOUNT}:FSA-CERT-CARS-EDV-Schedule-DLQ"


def test_failed_starts_are_kept_for_fourteen_days(build_dir: Path) -> None:
    (found,) = _all(_wanted(build_dir), Queue)
    assert (found.name, found.retention_seconds) == ("FSA-CERT-CARS-EDV-Schedule-DLQ", 14 * 86400)


def test_schedule_role_may_start_the_alias_and_fill_the_queue_for_our_group_alone(build_dir: Path) -> None:
    role = _role(_wanted(build_dir), "CARS-EDV-Schedule-role")
    qualifier = Document(json.dumps({"StringEquals": {"states:StateMachineQualifier": "live"}}))
    machine = f"arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:FSA-CERT-CARS-EDV-Pipeline"
    queue = f"arn:aws:sqs:us-east-1:{ACCOUNT}:FSA-CERT-CARS-EDV-Schedule-DLQ"
    assert role.policy == {
        "StartPipeline": Statement(("states:StartExecution",), (machine,), qualifier),
        "DeadLetters": Statement(("sqs:SendMessage",), (queue,)),
    }
    trust: Any = role.trust.value()
    (statement,) = trust["Statement"]
    assert statement["Principal"] == {"Service": "scheduler.amazonaws.com"}
    assert statement["Condition"]["StringEquals"] == {
        "aws:SourceAccount": ACCOUNT,
        "aws:SourceArn": f"arn:aws:scheduler:us-east-1:{ACCOUNT}:schedule-group/FSA-CERT-CARS",
    }


def test_a_given_role_is_used_and_none_is_made(build_dir: Path) -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:role/scheduler"
    wanted = _wanted(build_dir, schedule={"expression": "rate(1 day)", "roleArn": arn})
    assert [schedule.role for schedule in _all(wanted, Schedule)] == [arn]
    assert not any("Schedule" in role.name for role in _all(wanted, Role))


def test_without_the_key_schedule_there_is_nothing_of_it(build_dir: Path) -> None:
    wanted = _wanted(build_dir, schedule=None)
    assert _all(wanted, Schedule) == []
    assert _all(wanted, Queue) == []
    assert not any("Schedule" in role.name for role in _all(wanted, Role))


def test_log_groups_have_the_retention_of_the_file(build_dir: Path) -> None:
    assert {group.retention_days for group in _all(_wanted(build_dir), LogGroup)} == {90}
    assert {g.retention_days for g in _all(_wanted(build_dir, logRetentionDays="400"), LogGroup)} == {400}


def test_tags_of_the_file_are_on_everything_that_can_be_tagged_and_ownership_wins(build_dir: Path) -> None:
    wanted = _wanted(
        build_dir, tags={"Owner": "data", "cost-center": 7}, GlueJobParameters={"Connections": [ENOUGH]}
    )
    for resource in wanted.resources:
        if not isinstance(resource, Artifact):
            tags = resource.tags  # type: ignore[union-attr]
            assert tags == {
                "Owner": "data",
                "cost-center": "7",
                "cars:tags": "Owner cost-center",
                "cars:managed-by": "cars-deployer",
                "cars:environment": "CERT",
            }, resource


def test_without_a_key_no_policy_names_one(build_dir: Path) -> None:
    wanted = _wanted(build_dir)
    assert "kms:" not in json.dumps([str(resource) for resource in wanted.resources])


def test_the_key_encrypts_functions_logs_queue_and_artifacts(build_dir: Path) -> None:
    wanted = _wanted(build_dir, kmsKeyArn=KEY)
    found = [item for item in wanted.resources if isinstance(item, Function | LogGroup | Queue | Artifact)]
    assert {type(item) for item in found} == {Function, LogGroup, Queue, Artifact}
    assert {item.kms_key for item in found} == {KEY}


def test_artifacts_of_another_region_keep_the_key_of_their_bucket(build_dir: Path) -> None:
    wanted = _wanted(build_dir, kmsKeyArn=KEY, bucketRegion="us-west-2")
    assert {artifact.kms_key for artifact in _all(wanted, Artifact)} == {""}


@pytest.mark.parametrize(
    ("suffix", "writes", "services"),
    [
        ("DownloadZip-role", True, ["s3"]),
        ("edv-build-processing-plan-role", False, ["s3"]),
        ("edv-check-results-role", False, ["secretsmanager"]),
        ("edv-handle-failure-role", True, ["secretsmanager", "sns"]),
        ("DATAMART-EXEC-DB-SQL-role", True, ["s3", "secretsmanager"]),
        ("CARS-EDV-Schedule-role", True, ["sqs"]),
    ],
)
def test_the_key_is_used_through_what_a_role_works_with_and_no_other_way(
    build_dir: Path, suffix: str, writes: bool, services: list[str]
) -> None:
    statement = _role(_wanted(build_dir, kmsKeyArn=KEY), suffix).policy["UseKey"]
    assert statement.actions == (("kms:Decrypt", "kms:GenerateDataKey") if writes else ("kms:Decrypt",))
    assert statement.resources == (KEY,)
    assert statement.condition is not None
    assert statement.condition.value() == {
        "StringEquals": {"kms:ViaService": [f"{service}.us-east-1.amazonaws.com" for service in services]}
    }


def test_machine_role_has_no_use_for_the_key(build_dir: Path) -> None:
    assert "UseKey" not in _role(_wanted(build_dir, kmsKeyArn=KEY), "CARS-StepFunctions-role").policy


def test_databases_are_named_after_the_data_token(build_dir: Path) -> None:
    assert [database.name for database in _all(_wanted(build_dir), CatalogDatabase)] == [
        "fsa-cert-cars",
        "fsa-cert-cars-cdc",
    ]


def test_connection_is_made_when_its_entry_is_complete(build_dir: Path) -> None:
    wanted = _wanted(build_dir, GlueJobParameters={"Connections": [ENOUGH, {"ConnectionName": "D"}]})
    (found,) = _all(wanted, GlueConnection)
    assert (found.name, found.type, found.properties) == ("C", "NETWORK", {})
    assert (found.subnet, found.security_groups, found.zone) == ("subnet-2", ("sg-1", "sg-2"), "")
    assert "C" in wanted.shared


def test_jdbc_connection_takes_its_credentials_from_a_secret(build_dir: Path) -> None:
    entry = {
        **ENOUGH,
        "type": "JDBC",
        "JdbcUrl": "jdbc:postgresql://db.example:5432/EDV",
        "SecretId": "glue/pg",
    }
    (found,) = _all(_wanted(build_dir, GlueJobParameters={"Connections": [entry]}), GlueConnection)
    assert found.properties == {
        "JDBC_CONNECTION_URL": "jdbc:postgresql://db.example:5432/EDV",
        "SECRET_ID": "glue/pg",
    }


def test_values_of_the_entry_win_over_the_job() -> None:
    job = {
        "type": "NETWORK",
        "VpcId": "vpc-job",
        "SubnetIds": "subnet-job",
        "SecurityGroupIds": "sg-job",
        "AvailabilityZone": "us-east-1a",
    }
    entries = [{"ConnectionName": "A", "SubnetIds": "subnet-own"}, {"ConnectionName": "B", "type": "JDBC"}]
    first, second = resolved(environment(GlueJobParameters={**job, "Connections": entries}).config.glue)
    assert (first.type, first.vpc_id, first.subnet_ids) == ("NETWORK", "vpc-job", ("subnet-own",))
    assert (first.security_group_ids, first.availability_zone) == (("sg-job",), "us-east-1a")
    assert lacking(first) is None
    assert lacking(second) == "its entry has no JdbcUrl, SecretId"


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ({"ConnectionName": "C"}, "its type is not given (only JDBC and NETWORK are made)"),
        ({**ENOUGH, "type": "KAFKA"}, "its type is KAFKA (only JDBC and NETWORK are made)"),
        ({**ENOUGH, "SubnetIds": ""}, "its entry has no SubnetIds"),
        (
            {**ENOUGH, "type": "JDBC", "SecurityGroupIds": ""},
            "its entry has no SecurityGroupIds, JdbcUrl, SecretId",
        ),
    ],
)
def test_what_an_entry_lacks_is_named(entry: dict[str, str], reason: str) -> None:
    glue = environment(GlueJobParameters={"type": "glueetl", "Connections": [entry]}).config.glue
    (found,) = resolved(glue)
    assert lacking(found) == reason
