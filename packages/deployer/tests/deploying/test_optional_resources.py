"""Schedules, queues, connections, databases, key and tags against a local AWS."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from support.account import network
from support.sandbox import Sandbox

from deployer.aws.schedules import Schedules
from deployer.blueprint.schedule import schedule
from deployer.errors import ApplyError, PlanRefused
from deployer.model.resources import CatalogDatabase, GlueConnection, Queue, Schedule
from deployer.planning.plan import Delete, Update, refuse_excess_deletes

GROUP, QUEUE, PIPELINE = "CARS", "CARS-EDV-Schedule-DLQ", "CARS-EDV-Pipeline"


def _fields(sandbox: Sandbox) -> dict[str, dict[str, tuple[object, object]]]:
    """What a plan would change by kind and field, old -> new."""
    changes = sandbox.prepare().plan.changes
    assert all(isinstance(change, Update) for change in changes), changes
    return {
        change.key.kind: {field.path: (field.old, field.new) for field in change.fields}
        for change in changes
        if isinstance(change, Update)
    }


def _schedule(sandbox: Sandbox) -> Any:
    scheduler = sandbox.client("scheduler")
    return scheduler.get_schedule(GroupName=sandbox.name(GROUP), Name=sandbox.name(PIPELINE))


def test_schedule_fires_the_live_pipeline_with_its_day(sandbox: Sandbox) -> None:
    sandbox.deploy()
    at = datetime(2026, 6, 1, 9, tzinfo=UTC)
    sandbox.aws.fire_schedule(sandbox.name(PIPELINE), at, group=sandbox.name(GROUP))
    states = sandbox.client("stepfunctions")
    names = sandbox.open().names
    (execution,) = states.list_executions(stateMachineArn=names.machine_arn(names.edv_pipeline))["executions"]
    found = states.describe_execution(executionArn=execution["executionArn"])
    assert json.loads(found["input"]) == {"start_date": "2026-06-01T09:00:00Z", "run_type": "incremental"}
    assert found["stateMachineAliasArn"] == names.machine_arn(f"{names.edv_pipeline}:live")


def test_manual_changes_of_schedule_and_queue_are_undone(sandbox: Sandbox) -> None:
    sandbox.deploy()
    found = _schedule(sandbox)
    sandbox.client("scheduler").update_schedule(
        GroupName=sandbox.name(GROUP),
        Name=sandbox.name(PIPELINE),
        ScheduleExpression="rate(1 hour)",
        FlexibleTimeWindow={"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 5},
        State="DISABLED",
        Target={"Arn": found["Target"]["Arn"], "RoleArn": found["Target"]["RoleArn"], "Input": "{}"},
    )
    sqs = sandbox.client("sqs")
    url = sqs.get_queue_url(QueueName=sandbox.name(QUEUE))["QueueUrl"]
    sqs.set_queue_attributes(
        QueueUrl=url, Attributes={"MessageRetentionPeriod": "60", "SqsManagedSseEnabled": "false"}
    )
    fields = _fields(sandbox)
    assert fields["schedule"]["expression"] == ("rate(1 hour)", "cron(0 9 * * ? *)")
    assert fields["schedule"]["enabled"] == (False, True)
    assert fields["schedule"]["flexible_minutes"] == (5, 0)
    assert fields["schedule"]["retries"] == (185, 3)
    assert fields["schedule"]["input.start_date"] == (None, "<aws.scheduler.scheduled-time>")
    assert fields["queue"] == {"retention_seconds": (60, 1209600), "kms_key": ("not encrypted", "")}
    sandbox.deploy()
    assert sandbox.prepare().plan.changes == ()


def test_schedule_that_leaves_the_file_is_deleted_with_leave_only(sandbox: Sandbox) -> None:
    sandbox.deploy()
    sandbox.changes = {"schedule": None}
    prepared = sandbox.prepare()
    assert {change.key.kind for change in prepared.plan.deletes} == {"schedule", "queue", "role"}
    with pytest.raises(PlanRefused, match="plan deletes 3 resources but --max-deletes is 0"):
        refuse_excess_deletes(prepared.plan, 0)
    sandbox.apply(prepared)
    deletes = [name for name in sandbox.mutations if name.startswith("Delete")]
    assert deletes[0] == "DeleteScheduleGroup"
    assert sandbox.prepare().plan.changes == ()


def test_a_landing_has_its_own_schedule_which_comes_and_goes_alone(sandbox: Sandbox) -> None:
    sandbox.deploy()
    sandbox.changes = {"landing": {"schedule": "cron(0 8 * * ? *)"}}
    prepared = sandbox.deploy()
    kinds = [change.key.kind for change in prepared.plan.changes]
    assert kinds == ["role", "schedule", "state machine alias", "state machine alias"]
    at, pipeline = datetime(2026, 6, 1, 8, tzinfo=UTC), sandbox.name("CARS-Landing-Pipeline")
    sandbox.aws.fire_schedule(pipeline, at, group=sandbox.name("CARS-Landing"))
    states, machine = sandbox.client("stepfunctions"), sandbox.open().names.machine_arn(pipeline)
    (execution,) = states.list_executions(stateMachineArn=machine)["executions"]
    found = states.describe_execution(executionArn=execution["executionArn"])
    assert json.loads(found["input"]) == {"start_date": "2026-06-01T08:00:00Z", "run_type": "incremental"}
    assert sandbox.prepare().plan.changes == ()
    sandbox.changes = {}
    prepared = sandbox.prepare()
    assert [change.key.kind for change in prepared.plan.deletes] == ["schedule"]
    sandbox.apply(prepared)
    assert _schedule(sandbox)["State"] == "ENABLED"
    assert sandbox.prepare().plan.changes == ()


def test_start_date_is_sent_ahead_and_remembered_when_it_has_passed(sandbox: Sandbox) -> None:
    sandbox.deploy()
    deployment = sandbox.open()
    config = deployment.environment.config.schedule
    assert config is not None
    start = datetime(2030, 1, 1, tzinfo=UTC)
    want = schedule(
        config.model_copy(update={"start_date": start, "end_date": datetime(2031, 1, 1, tzinfo=UTC)}),
        deployment.environment,
        deployment.names,
        deployment.names.edv_pipeline,
    )
    before = Schedules(sandbox.clients, deployment.names, now=lambda: datetime(2029, 1, 1, tzinfo=UTC))
    have = before.read(want.name)
    assert have is not None
    before.update(have, want)
    assert _schedule(sandbox)["StartDate"] == start
    assert before.read(want.name) == want
    after = Schedules(sandbox.clients, deployment.names, now=lambda: datetime(2030, 6, 1, tzinfo=UTC))
    after.update(have, want)
    assert "StartDate" not in _schedule(sandbox)
    assert after.read(want.name) == want
    taken_off = before.read(want.name)
    assert taken_off is not None
    assert (taken_off.starts, want.starts) == ("", "2030-01-01T00:00:00Z")


def test_create_interrupted_after_the_group_continues(sandbox: Sandbox) -> None:
    prepared = sandbox.prepare()
    sandbox.apply_only(prepared, {"log group", "artifact", "role", "queue"})
    sandbox.client("scheduler").create_schedule_group(Name=sandbox.name(GROUP))
    sandbox.deploy()
    assert sandbox.prepare().plan.changes == ()


def test_connection_is_made_with_the_zone_of_its_subnet(sandbox: Sandbox) -> None:
    entry = network(sandbox.client, sandbox.name("PG"))
    sandbox.changes = {"GlueJobParameters": {"Connections": [entry]}}
    sandbox.deploy()
    found = sandbox.client("glue").get_connection(Name=entry["ConnectionName"])["Connection"]
    assert found["PhysicalConnectionRequirements"] == {
        "SubnetId": entry["SubnetIds"],
        "SecurityGroupIdList": [entry["SecurityGroupIds"]],
        "AvailabilityZone": "us-east-1b",
    }
    assert sandbox.prepare().plan.changes == ()


def test_manual_change_of_our_connection_is_undone_and_it_is_deleted_with_its_entry(sandbox: Sandbox) -> None:
    entry = network(sandbox.client, sandbox.name("PG"))
    sandbox.changes = {"GlueJobParameters": {"Connections": [entry]}}
    sandbox.deploy()
    glue = sandbox.client("glue")
    wrong = {"Name": entry["ConnectionName"], "ConnectionType": "NETWORK", "ConnectionProperties": {}}
    glue.update_connection(Name=entry["ConnectionName"], ConnectionInput=wrong)
    assert _fields(sandbox)["glue connection"]["subnet"] == ("", entry["SubnetIds"])
    sandbox.deploy()
    assert sandbox.prepare().plan.changes == ()
    sandbox.changes = {}
    kinds = [(type(change), change.key.kind) for change in sandbox.deploy().plan.changes]
    assert (Delete, "glue connection") in kinds
    assert sandbox.prepare().plan.changes == ()


def test_connection_that_is_there_already_is_used_as_it_is(sandbox: Sandbox) -> None:
    entry = network(sandbox.client, sandbox.name("PG"))
    address = {
        "JDBC_CONNECTION_URL": "jdbc:postgresql://db.example:5432/EDV",
        "USERNAME": "u",
        "PASSWORD": "p",
    }
    by_hand = {"Name": entry["ConnectionName"], "ConnectionType": "JDBC", "ConnectionProperties": address}
    sandbox.client("glue").create_connection(ConnectionInput=by_hand)
    sandbox.changes = {"GlueJobParameters": {"Connections": [entry]}}
    prepared = sandbox.deploy()
    note = f"glue connection {entry['ConnectionName']} exists without our tag and is used as it is"
    assert note in prepared.plan.notes
    kept = sandbox.client("glue").get_connection(Name=entry["ConnectionName"])["Connection"]
    assert kept["ConnectionProperties"] == address


def test_database_of_another_environment_with_the_same_data_is_shared(sandbox: Sandbox) -> None:
    glue = sandbox.client("glue")
    token = f"t{sandbox.deploy_env.lower()}"
    tags = {"cars:managed-by": "cars-deployer", "cars:environment": "OTHER"}
    glue.create_database(DatabaseInput={"Name": f"fsa-{token}-cars"}, Tags=tags)
    sandbox.asked, sandbox.changes = "other", {"env": token}
    notes = sandbox.deploy().plan.notes
    assert f"database fsa-{token}-cars belongs to environment OTHER and is used as it is" in notes
    assert (
        glue.get_database(Name=f"fsa-{token}-cars-cdc")["Database"]["Description"] == "CARS: changes by day"
    )
    assert sandbox.prepare().plan.changes == ()


def test_database_with_tables_is_not_deleted(sandbox: Sandbox) -> None:
    token = f"t{sandbox.deploy_env.lower()}"
    sandbox.asked, sandbox.changes = "other", {"env": token}
    sandbox.deploy()
    glue = sandbox.client("glue")
    glue.update_database(
        Name=f"fsa-{token}-cars",
        DatabaseInput={"Name": f"fsa-{token}-cars", "LocationUri": "s3://a/b/", "Parameters": {"x": "y"}},
    )
    sandbox.deploy()
    mended = glue.get_database(Name=f"fsa-{token}-cars")["Database"]
    assert (mended["Description"], mended["LocationUri"]) == ("CARS: current rows", "s3://a/b/")
    glue.create_table(DatabaseName=f"fsa-{token}-cars", TableInput={"Name": "farm"})
    sandbox.changes = {"env": f"{token}x"}
    prepared = sandbox.prepare()
    gone = {change.key.name for change in prepared.plan.deletes}
    assert gone == {f"fsa-{token}-cars", f"fsa-{token}-cars-cdc"}
    with pytest.raises(
        ApplyError, match=f"database fsa-{token}-cars holds tables, which are not the deployer's"
    ):
        sandbox.apply(prepared)


def test_tags_of_the_file_are_set_changed_and_removed(sandbox: Sandbox) -> None:
    sandbox.changes = {"tags": {"Owner": "data", "stage": "test"}}
    sandbox.deploy()
    names = sandbox.open().names
    group = names.arn("scheduler", f"schedule-group/{names.schedule_groups[0]}")
    function = names.function_arn(names.function("DownloadZip"))
    sandbox.client("lambda").tag_resource(Resource=function, Tags={"by-hand": "kept"})
    assert sandbox.prepare().plan.changes == ()
    sandbox.changes = {"tags": {"Owner": "ops"}}
    sandbox.deploy()
    assert sandbox.prepare().plan.changes == ()
    tags = sandbox.client("lambda").list_tags(Resource=function)["Tags"]
    assert (tags["Owner"], tags["by-hand"], "stage" in tags) == ("ops", "kept", False)
    listed = sandbox.client("scheduler").list_tags_for_resource(ResourceArn=group)["Tags"]
    assert {tag["Key"]: tag["Value"] for tag in listed}["Owner"] == "ops"
    assert "stage" not in {tag["Key"] for tag in listed}


def test_key_encrypts_what_is_made_and_stays_where_the_file_names_none(sandbox: Sandbox) -> None:
    key = sandbox.client("kms").create_key()["KeyMetadata"]["Arn"]
    place = {"prefix": f"{sandbox.deploy_env}/"}
    sandbox.changes = {"kmsKeyArn": key, "artifacts": place}
    prepared = sandbox.deploy()
    assert sandbox.prepare().plan.changes == ()
    artifact = next(change for change in prepared.plan.changes if change.key.kind == "artifact")
    sent = sandbox.client("s3").head_object(Bucket="fsa-test-cars-artifacts", Key=artifact.key.name)
    assert (sent["ServerSideEncryption"], sent["SSEKMSKeyId"]) == ("aws:kms", key)
    function = sandbox.client("lambda").get_function(FunctionName=sandbox.name("DownloadZip"))[
        "Configuration"
    ]
    assert function["KMSKeyArn"] == key
    sandbox.changes = {"artifacts": place}
    kinds = {change.key.kind for change in sandbox.prepare().plan.changes}
    assert "function" not in kinds
    assert "log group" not in kinds
    assert {"queue", "role"} <= kinds


def test_every_new_kind_is_read_as_absent_when_it_is(sandbox: Sandbox) -> None:
    adapters = sandbox.open().account().adapters
    for kind in (Schedule, Queue, GlueConnection, CatalogDatabase):
        assert adapters[kind].read(f"fsa-{sandbox.deploy_env}-nowhere") is None
    assert list(adapters[Schedule].candidates(f"FSA-{sandbox.deploy_env}-")) == []
