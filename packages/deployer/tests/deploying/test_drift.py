"""Drift: live resources compared with what was last applied; plans distinguish our changes from manual ones."""

import json
from typing import Any

from support.build_output import write_lambda
from support.sandbox import Sandbox

from deployer.deploying.drift import Finding, State, find_drift
from deployer.planning.plan import Cause, Update

CHECK = "edv-check-results"
ARTIFACTS = "fsa-test-cars-artifacts"


def drifted(sandbox: Sandbox) -> dict[str, Finding]:
    return {finding.key.name: finding for finding in find_drift(sandbox.open()).findings}


def fields(finding: Finding) -> dict[str, tuple[object, object]]:
    return {field.path: (field.old, field.new) for field in finding.fields}


def set_memory(sandbox: Sandbox, megabytes: int) -> None:
    sandbox.client("lambda").update_function_configuration(
        FunctionName=sandbox.name(CHECK), MemorySize=megabytes
    )


def test_untouched_environment_has_no_drift_and_no_call_changes_anything(sandbox: Sandbox) -> None:
    release = sandbox.deploy().release
    found = find_drift(sandbox.open())
    assert (found.release, found.findings) == (release, ())
    assert found.compared > 40
    assert sandbox.mutations == []


def test_manual_changes_are_shown_from_applied_to_live(sandbox: Sandbox) -> None:
    sandbox.deploy()
    set_memory(sandbox, 999)
    names = sandbox.open().names
    role = names.role(sandbox.name(CHECK))
    policy: Any = sandbox.client("iam").get_role_policy(RoleName=role, PolicyName="cars")["PolicyDocument"]
    policy["Statement"].append(
        {"Sid": "Hand", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::x/*"}
    )
    sandbox.client("iam").put_role_policy(RoleName=role, PolicyName="cars", PolicyDocument=json.dumps(policy))
    sandbox.client("logs").delete_log_group(logGroupName=names.machine_log_group(names.edv_pipeline))
    found = drifted(sandbox)
    assert found.keys() == {sandbox.name(CHECK), role, names.machine_log_group(names.edv_pipeline)}
    assert fields(found[sandbox.name(CHECK)]) == {"memory_mb": (256, 999)}
    assert fields(found[role])["policy.Hand.actions"] == (None, ("s3:GetObject",))
    assert found[names.machine_log_group(names.edv_pipeline)].state is State.GONE


def test_script_replaced_under_the_same_key_is_found_whatever_its_metadata(sandbox: Sandbox) -> None:
    plan = sandbox.deploy().plan
    s3 = sandbox.client("s3")
    script = next(item.name for item in plan.wanted if item.name.endswith("datamart_exec_db_sql.py"))
    metadata = s3.head_object(Bucket=ARTIFACTS, Key=script)["Metadata"]
    s3.put_object(Bucket=ARTIFACTS, Key=script, Body=b"print('other')", Metadata=metadata)
    (finding,) = drifted(sandbox).values()
    assert finding.key.name == script
    assert finding.fields[0].new == "changed outside the deployer"
    (change,) = sandbox.deploy().plan.changes
    assert isinstance(change, Update)
    assert change.cause is Cause.HAND
    assert s3.get_object(Bucket=ARTIFACTS, Key=script)["Body"].read() == b"print('loaded')\n"
    assert drifted(sandbox) == {}


def test_plan_tells_who_changed_what(sandbox: Sandbox) -> None:
    sandbox.deploy()
    set_memory(sandbox, 999)
    sandbox.client("lambda").update_function_configuration(
        FunctionName=sandbox.name("DownloadZip"), Timeout=7
    )
    sandbox.changes = {"downloadZip": {"timeoutSeconds": "60"}, "lambdaEnv": {"EXTRA": "2"}}
    changes = {
        change.key.name: change for change in sandbox.prepare().plan.changes if isinstance(change, Update)
    }
    check, download = changes[sandbox.name(CHECK)], changes[sandbox.name("DownloadZip")]
    assert (check.cause, download.cause) == (Cause.BOTH, Cause.BOTH)
    assert changes[sandbox.name("UploadConfig")].cause is Cause.CONFIGURATION
    assert {field.path: check.cause_of(field) for field in check.fields} == {
        "memory_mb": Cause.HAND,
        "environment.EXTRA": Cause.CONFIGURATION,
    }
    assert {field.path: download.cause_of(field) for field in download.fields} == {
        "timeout_seconds": Cause.BOTH,
        "environment.EXTRA": Cause.CONFIGURATION,
    }


def test_a_manual_change_alone_is_shown_as_one(sandbox: Sandbox) -> None:
    sandbox.deploy()
    set_memory(sandbox, 999)
    (change,) = sandbox.prepare().plan.changes
    assert isinstance(change, Update)
    assert change.cause is Cause.HAND
    sandbox.deploy()
    assert drifted(sandbox) == {}


def grant_network(sandbox: Sandbox, suffix: str) -> None:
    """The permissions that a role needs before Lambda attaches its function to a VPC."""
    statement = {"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}
    sandbox.client("iam").put_role_policy(
        RoleName=f"{sandbox.name(suffix)}-role",
        PolicyName="network",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )


def test_hand_edit_of_what_the_config_does_not_declare_is_accepted_by_the_next_deploy(
    sandbox: Sandbox,
) -> None:
    sandbox.changes = {"lambdaVpc": None}
    sandbox.deploy()
    grant_network(sandbox, CHECK)
    sandbox.client("lambda").update_function_configuration(
        FunctionName=sandbox.name(CHECK), VpcConfig={"SubnetIds": ["subnet-z"], "SecurityGroupIds": ["sg-z"]}
    )
    sandbox.client("iam").delete_role_policy(RoleName=f"{sandbox.name(CHECK)}-role", PolicyName="network")
    assert fields(drifted(sandbox)[sandbox.name(CHECK)])["vpc.subnets"] == ((), ("subnet-z",))
    change = sandbox.prepare().plan.changes[0]
    assert isinstance(change, Update)
    assert change.fields == ()
    assert [field.path for field in change.accepted] == ["vpc.security_groups", "vpc.subnets"]
    sandbox.deploy()
    assert drifted(sandbox) == {}
    found = sandbox.client("lambda").get_function_configuration(FunctionName=sandbox.name(CHECK))
    assert found["VpcConfig"]["SubnetIds"] == ["subnet-z"]


def test_without_a_manifest_the_stamps_alone_tell(sandbox: Sandbox) -> None:
    sandbox.deploy()
    manifests = sandbox.open().manifests
    for manifest in manifests.all():
        manifests.delete(manifest)
    assert drifted(sandbox) == {}
    set_memory(sandbox, 999)
    found = find_drift(sandbox.open())
    assert found.release is None
    assert [(finding.key.name, finding.fields) for finding in found.findings] == [(sandbox.name(CHECK), ())]


def test_the_rest_of_an_unfinished_deploy_is_no_manual_change(sandbox: Sandbox) -> None:
    sandbox.deploy()
    write_lambda(
        sandbox.build_dir, f"lambda-{CHECK}", "def handler(event, context):\n    return 'unfinished'\n"
    )
    prepared = sandbox.prepare()
    function = next(change for change in prepared.plan.changes if change.key.kind == "function")
    assert isinstance(function, Update)
    sandbox.apply_only(prepared, {"artifact", "function"})
    assert drifted(sandbox)[sandbox.name(CHECK)].state is State.UNFINISHED
    sandbox.deploy()
    assert drifted(sandbox) == {}
