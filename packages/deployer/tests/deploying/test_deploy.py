"""Plan and apply against a local AWS."""

import json
from typing import Any

import pytest
from support.account import trusting_role
from support.build_output import write_glue, write_lambda
from support.sandbox import Sandbox

from deployer.applying.attempt import Listener, Outcome, Run
from deployer.blueprint.specs import SPECS
from deployer.deploying.deploy import make_live
from deployer.deploying.release_record import Author
from deployer.errors import ApplyError, DeployerError
from deployer.model.resources import Function
from deployer.planning.plan import Create, Delete, Update

CHECK = "edv-check-results"


def _updates(sandbox: Sandbox) -> dict[str, dict[str, tuple[object, object]]]:
    changes = sandbox.prepare().plan.changes
    assert all(isinstance(change, Update) for change in changes), changes
    return {
        change.key.name: {field.path: (field.old, field.new) for field in change.fields}
        for change in changes
        if isinstance(change, Update)
    }


def test_applying_a_plan_leaves_nothing_to_plan(sandbox: Sandbox) -> None:
    plan = sandbox.deploy().plan
    assert {type(change) for change in plan.changes} == {Create}
    assert sandbox.prepare().plan.changes == ()


def test_second_deploy_makes_no_mutating_call(sandbox: Sandbox) -> None:
    sandbox.deploy()
    assert {"CreateFunction", "CreateJob", "CreateStateMachine", "CreateRole"} <= set(sandbox.mutations)
    sandbox.deploy()
    assert sandbox.mutations == []
    assert "GetFunction" in sandbox.operations


def test_one_changed_zip_touches_only_that_function(sandbox: Sandbox) -> None:
    sandbox.deploy()
    write_lambda(sandbox.build_dir, f"lambda-{CHECK}", "def handler(event, context):\n    return 'other'\n")
    plan = sandbox.deploy().plan
    assert [(type(change), change.key.kind) for change in plan.changes] == [
        (Create, "artifact"),
        (Update, "function"),
        (Create, "function version"),
        *[(Update, "state machine")] * 2,
        *[(Create, "state machine version")] * 2,
        (Update, "function alias"),
        *[(Update, "state machine alias")] * 2,
    ]
    touched = [name for name in sandbox.mutations if name != "PutObject"]
    assert sorted(touched) == [
        *["PublishStateMachineVersion"] * 2,
        "PublishVersion",
        *["TagResource"] * 3,
        "UpdateAlias",
        "UpdateFunctionCode",
        *["UpdateStateMachine"] * 2,
        *["UpdateStateMachineAlias"] * 2,
    ]
    answer = sandbox.client("lambda").invoke(
        FunctionName=sandbox.name(CHECK), Qualifier="live", Payload=b"{}"
    )
    assert json.loads(answer["Payload"].read()) == "other"
    assert sandbox.prepare().plan.changes == ()


def test_changed_script_and_wheel_update_only_the_glue_side(sandbox: Sandbox) -> None:
    sandbox.deploy()
    folder = write_glue(sandbox.build_dir, "print('second')\n")
    (folder / "wheels" / "process_control-0.1.0-py3-none-any.whl").write_bytes(b"second")
    prepared = sandbox.deploy()
    assert [(type(change).__name__, change.key.kind) for change in prepared.plan.changes] == [
        ("Create", "artifact"),
        ("Create", "artifact"),
        ("Create", "artifact"),
        ("Update", "glue job"),
        *[("Update", "state machine")] * 2,
        *[("Create", "state machine version")] * 2,
        *[("Update", "state machine alias")] * 2,
    ]
    job = sandbox.client("glue").get_job(JobName=sandbox.name("DATAMART-EXEC-DB-SQL"))["Job"]
    assert "process_control" in job["DefaultArguments"]["--additional-python-modules"]
    assert sandbox.prepare().plan.changes == ()


def test_manual_changes_of_a_function_are_found_by_field_and_undone(sandbox: Sandbox) -> None:
    sandbox.deploy()
    sandbox.client("lambda").update_function_configuration(
        FunctionName=sandbox.name(CHECK),
        MemorySize=999,
        Timeout=7,
        Environment={"Variables": {"EXTRA": "2", "HAND": "made"}},
        VpcConfig={"SubnetIds": [], "SecurityGroupIds": []},
    )
    fields = _updates(sandbox)[sandbox.name(CHECK)]
    assert fields["memory_mb"] == (999, 256)
    assert fields["timeout_seconds"] == (7, 60)
    assert fields["environment.EXTRA"] == ("2", "1")
    assert fields["environment.HAND"] == ("made", None)
    assert fields["environment.CARS_ENV"] == (None, "cert")
    assert fields["vpc.subnets"] == ((), ("subnet-a", "subnet-b"))
    sandbox.deploy()
    assert [name for name in sandbox.mutations if name != "PutObject"] == ["UpdateFunctionConfiguration"]
    assert sandbox.prepare().plan.changes == ()


def test_code_uploaded_by_hand_is_found_and_replaced(sandbox: Sandbox) -> None:
    sandbox.deploy()
    other = write_lambda(sandbox.build_dir.parent / "other", f"lambda-{CHECK}", "handler = None\n")
    sandbox.client("lambda").update_function_code(
        FunctionName=sandbox.name(CHECK), ZipFile=other.read_bytes()
    )
    old, _ = _updates(sandbox)[sandbox.name(CHECK)]["code.digest"]
    assert old == "changed outside the deployer"
    sandbox.deploy()
    assert sandbox.prepare().plan.changes == ()


def test_manual_changes_of_retention_role_job_and_machine_are_undone(sandbox: Sandbox) -> None:
    sandbox.deploy()
    names = sandbox.open().names
    group, role = names.function_log_group(sandbox.name(CHECK)), names.role(sandbox.name(CHECK))
    sandbox.client("logs").put_retention_policy(logGroupName=group, retentionInDays=1)
    document = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}
    sandbox.client("iam").put_role_policy(
        RoleName=role, PolicyName="extra", PolicyDocument=json.dumps(document)
    )
    sandbox.client("iam").put_role_policy(
        RoleName=role, PolicyName="cars", PolicyDocument=json.dumps(document)
    )
    machine = names.machine_arn(names.edv_pipeline)
    sandbox.client("stepfunctions").update_state_machine(
        stateMachineArn=machine, tracingConfiguration={"enabled": False}
    )
    fields = _updates(sandbox)
    assert fields[group]["retention_days"] == (1, 90)
    assert fields[role]["other_policies"] == (("inline:extra",), ())
    assert fields[role]["policy.statement 0.actions"] == (("s3:*",), None)
    assert fields[names.edv_pipeline]["tracing"] == (False, True)
    sandbox.deploy()
    assert sandbox.prepare().plan.changes == ()


def test_glue_job_edited_by_hand_keeps_what_is_not_ours(sandbox: Sandbox) -> None:
    sandbox.deploy()
    glue, name = sandbox.client("glue"), sandbox.name("DATAMART-EXEC-DB-SQL")
    job = glue.get_job(JobName=name)["Job"]
    kept = ("Role", "Command", "ExecutionProperty", "GlueVersion", "WorkerType", "NumberOfWorkers")
    update = {key: job[key] for key in kept} | {"Timeout": 5, "SecurityConfiguration": "house-keys"}
    glue.update_job(JobName=name, JobUpdate=update)
    fields = _updates(sandbox)[name]
    assert fields["timeout_minutes"] == (5, 60)
    assert fields["arguments.--engine"] == (None, "duckdb")
    sandbox.deploy()
    assert glue.get_job(JobName=name)["Job"]["SecurityConfiguration"] == "house-keys"
    assert sandbox.prepare().plan.changes == ()


def test_vpc_and_variables_survive_a_config_that_does_not_declare_them(sandbox: Sandbox) -> None:
    sandbox.deploy()
    sandbox.changes = {"lambdaVpc": None, "lambdaEnv": None}
    prepared = sandbox.prepare()
    functions = [change for change in prepared.plan.changes if change.key.kind == "function"]
    assert functions == []
    assert any("keeps its VPC (subnet-a, subnet-b)" in note for note in prepared.plan.notes)
    assert any("keeps variables EXTRA, FLAG" in note for note in prepared.plan.notes)


def test_function_of_an_older_deployment_is_adopted_with_a_note(sandbox: Sandbox) -> None:
    other = write_lambda(sandbox.build_dir.parent / "other", f"lambda-{CHECK}")
    sandbox.client("lambda").create_function(
        FunctionName=sandbox.name(CHECK),
        Role=trusting_role(sandbox.client, f"old-{sandbox.deploy_env}", "lambda.amazonaws.com"),
        Runtime="python3.11",
        Handler="old.handler",
        Code={"ZipFile": other.read_bytes()},
        Tags={"team": "dart"},
    )
    prepared = sandbox.deploy()
    note = f"function {sandbox.name(CHECK)} exists without our tag"
    assert any(line.startswith(note) for line in prepared.plan.notes)
    tags = sandbox.client("lambda").get_function(FunctionName=sandbox.name(CHECK))["Tags"]
    assert tags["team"] == "dart"
    assert tags["cars:environment"] == sandbox.deploy_env
    assert sandbox.prepare().plan.changes == ()


def test_owned_resource_that_left_the_model_is_deleted_and_a_strangers_is_not(sandbox: Sandbox) -> None:
    sandbox.deploy()
    for suffix, tags in {
        "retired": {"cars:managed-by": "cars-deployer", "cars:environment": sandbox.deploy_env},
        "x": {},
    }.items():
        sandbox.client("logs").create_log_group(logGroupName=f"/aws/lambda/{sandbox.name(suffix)}", tags=tags)
    prepared = sandbox.prepare()
    assert [change.key.name for change in prepared.plan.changes] == [f"/aws/lambda/{sandbox.name('retired')}"]
    assert isinstance(prepared.plan.changes[0], Delete)
    sandbox.apply(prepared)
    groups = sandbox.client("logs").describe_log_groups(
        logGroupNamePrefix=f"/aws/lambda/FSA-{sandbox.deploy_env}-"
    )
    names = {group["logGroupName"] for group in groups["logGroups"]}
    assert f"/aws/lambda/{sandbox.name('x')}" in names
    assert f"/aws/lambda/{sandbox.name('retired')}" not in names


def test_existing_roles_of_the_config_are_used_as_they_are(sandbox: Sandbox) -> None:
    iam = sandbox.client("iam")
    services = {"etl": "lambda", "glue": "glue", "states": "states", "starts": "scheduler"}
    arns = {
        name: trusting_role(sandbox.client, f"{name}-{sandbox.deploy_env}", f"{service}.amazonaws.com")
        for name, service in services.items()
    }
    sandbox.changes = {
        "strparams": {"etlRoleArnParam": arns["etl"], "glueJobRoleArnParam": arns["glue"]},
        "stepFunctions": {"roleArn": arns["states"], "createRoleIfMissing": "false"},
        "schedule": {"expression": "rate(1 day)", "roleArn": arns["starts"]},
    }
    prepared = sandbox.deploy()
    assert "role" not in {change.key.kind for change in prepared.plan.changes}
    assert "PutRolePolicy" not in sandbox.operations
    found = sandbox.client("lambda").get_function(FunctionName=sandbox.name(CHECK))["Configuration"]
    assert found["Role"] == arns["etl"]
    assert iam.list_role_policies(RoleName=f"states-{sandbox.deploy_env}")["PolicyNames"] == []


def test_machine_role_without_our_tag_is_not_changed_and_noted(sandbox: Sandbox) -> None:
    name = f"states-{sandbox.deploy_env}"
    trusting_role(sandbox.client, name, "states.amazonaws.com")
    sandbox.changes = {"stepFunctions": {"roleName": name, "createRoleIfMissing": "true"}}
    prepared = sandbox.deploy()
    assert f"role {name} exists without our tag and is used as it is" in prepared.plan.notes
    assert sandbox.client("iam").list_role_policies(RoleName=name)["PolicyNames"] == []
    assert sandbox.prepare().plan.changes == ()


def test_failure_half_way_lists_what_is_done_and_the_next_deploy_finishes(sandbox: Sandbox) -> None:
    prepared = sandbox.prepare()
    broken = sandbox.name(CHECK)
    functions: Any = prepared.account.adapters[Function]
    create = functions.create

    def refuse(want: Function) -> None:
        if want.name == broken:
            raise DeployerError("limit of functions reached")
        create(want)

    functions.create = refuse
    with pytest.raises(ApplyError) as raised:
        sandbox.apply(prepared)
    message = str(raised.value)
    assert f"failed: function {broken}: limit of functions reached" in message
    done = message.partition("done: ")[2].partition("\n")[0]
    assert "log group /aws/" in done
    waiting = message.partition("not started: ")[2]
    assert f"state machine {sandbox.name('CARS-EDV-Pipeline')}, " in waiting
    assert "run deploy again" in message
    rest = sandbox.deploy().plan
    assert {"function", "state machine", "state machine alias"} <= {
        change.key.kind for change in rest.changes
    }
    assert sandbox.prepare().plan.changes == ()


def test_role_of_the_file_that_is_deleted_meanwhile_is_an_error_at_once(sandbox: Sandbox) -> None:
    name = f"etl-{sandbox.deploy_env}"
    arn = trusting_role(sandbox.client, name, "lambda.amazonaws.com")
    sandbox.changes = {"strparams": {"etlRoleArnParam": arn}}
    prepared = sandbox.prepare()
    iam = sandbox.client("iam")
    iam.detach_role_policy(RoleName=name, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    iam.delete_role(RoleName=name)
    with pytest.raises(ApplyError, match="role defined for the function cannot be assumed"):
        sandbox.apply(prepared)
    assert sandbox.operations.count("CreateFunction") <= len(SPECS)


def test_interrupted_apply_finishes_what_has_begun_and_lists_the_rest(sandbox: Sandbox) -> None:
    prepared = sandbox.prepare()
    seen: list[Outcome] = []
    run = Run(prepared.account.adapters, Listener(finished=seen.append), stopped=lambda: bool(seen))
    with pytest.raises(ApplyError) as raised:
        make_live(prepared, "deploy", Author("tester"), run)
    first, done, waiting, way_out = str(raised.value).splitlines()
    assert first == "interrupted"
    assert done.startswith("done: ")
    assert str(seen[0].change.key) in done
    assert f"state machine {sandbox.name('CARS-EDV-Pipeline')}" in waiting
    assert "run deploy again" in way_out
    sandbox.deploy()
    assert sandbox.prepare().plan.changes == ()


def test_resource_of_another_environment_is_refused(sandbox: Sandbox) -> None:
    sandbox.client("logs").create_log_group(
        logGroupName=f"/aws/lambda/{sandbox.name(CHECK)}",
        tags={"cars:managed-by": "cars-deployer", "cars:environment": "OTHER"},
    )
    with pytest.raises(DeployerError, match="belongs to environment OTHER, not to"):
        sandbox.prepare()
    assert sandbox.mutations == []
