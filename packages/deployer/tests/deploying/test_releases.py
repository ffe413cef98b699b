"""Releases: published versions behind live aliases, rolled back, shared with a canary, pruned, recorded."""

import json
import threading
import time
from typing import Any

import pytest
from support.build_output import write_glue, write_lambda
from support.sandbox import Sandbox

from deployer.code_release.manifest import ManifestError, dumped, loaded
from deployer.deploying.destroy import prepare_destroy
from deployer.deploying.drift import State, find_drift
from deployer.deploying.prepare import prepare
from deployer.deploying.pruning import prune
from deployer.model.resources import Function, Role, StateMachine

CHECK = "edv-check-results"
PIPELINE, LANDING = "CARS-EDV-Pipeline", "CARS-Landing-Pipeline"


def answering(word: str) -> str:
    return f"def handler(event, context):\n    return '{word}'\n"


def change_code(sandbox: Sandbox, word: str) -> None:
    write_lambda(sandbox.build_dir, f"lambda-{CHECK}", answering(word))


def live_answer(sandbox: Sandbox) -> Any:
    answer = sandbox.client("lambda").invoke(
        FunctionName=sandbox.name(CHECK), Qualifier="live", Payload=b"{}"
    )
    return json.loads(answer["Payload"].read())


def machine(sandbox: Sandbox, qualifier: str = "") -> Any:
    names = sandbox.open().names
    arn = f"{names.machine_arn(names.edv_pipeline)}{qualifier}"
    return sandbox.client("stepfunctions").describe_state_machine(stateMachineArn=arn)


def routes(sandbox: Sandbox) -> dict[str, int]:
    """Weights of the live alias by version number."""
    names = sandbox.open().names
    found = sandbox.client("stepfunctions").describe_state_machine_alias(
        stateMachineAliasArn=names.alias_arn(names.edv_pipeline)
    )
    return {
        route["stateMachineVersionArn"].rpartition(":")[2]: route["weight"]
        for route in found["routingConfiguration"]
    }


def test_published_definition_names_versions_and_the_glue_release(sandbox: Sandbox) -> None:
    sandbox.deploy()
    definition = machine(sandbox, ":1")["definition"]
    assert f"function:{sandbox.name(CHECK)}:1" in definition
    assert ":v-" not in definition
    runs = [
        state["Parameters"]["Arguments"]
        for state in json.loads(definition)["States"]["ProcessStageTables"]["ItemProcessor"][
            "States"
        ].values()
        if state["Type"] == "Task" and "JobName" in state["Parameters"]
    ]
    assert "/glue/releases/" in runs[0]["--scriptLocation"]
    assert "/glue/releases/" in runs[0]["--additional-python-modules"]
    assert routes(sandbox) == {"1": 100}


def test_a_new_release_leaves_the_old_version_as_it_was(sandbox: Sandbox) -> None:
    change_code(sandbox, "first")
    sandbox.deploy()
    change_code(sandbox, "second")
    sandbox.deploy()
    assert live_answer(sandbox) == "second"
    assert f"function:{sandbox.name(CHECK)}:1" in machine(sandbox, ":1")["definition"]
    assert f"function:{sandbox.name(CHECK)}:2" in machine(sandbox, ":2")["definition"]
    old = sandbox.client("lambda").invoke(FunctionName=sandbox.name(CHECK), Qualifier="1", Payload=b"{}")
    assert json.loads(old["Payload"].read()) == "first"


def test_rollback_brings_code_settings_and_machine_back_and_publishes_nothing(sandbox: Sandbox) -> None:
    change_code(sandbox, "first")
    first = sandbox.deploy().release
    change_code(sandbox, "second")
    write_glue(sandbox.build_dir, "print('second')\n")
    sandbox.changes = {"lambdaEnv": {"EXTRA": "2"}}
    second = sandbox.deploy().release
    assert first != second
    sandbox.build_dir = sandbox.build_dir / "not-there"
    back = sandbox.roll_back()
    assert back.release == first
    assert live_answer(sandbox) == "first"
    assert routes(sandbox) == {"1": 100}
    assert "PublishVersion" not in sandbox.mutations
    variables = sandbox.client("lambda").get_function_configuration(FunctionName=sandbox.name(CHECK))
    assert variables["Environment"]["Variables"]["EXTRA"] == "1"
    assert find_drift(sandbox.open()).findings == ()
    assert sandbox.roll_back().release == second
    assert live_answer(sandbox) == "second"
    history = sandbox.open().manifests.all()
    assert [(item.release, [event.how for event in item.activations]) for item in history] == [
        (second, ["deploy", "deploy"]),
        (first, ["deploy", "deploy"]),
    ]


def test_rollback_names_a_release_that_is_not_known(sandbox: Sandbox) -> None:
    release = sandbox.deploy().release
    with pytest.raises(ManifestError, match="there is no earlier release to roll back to"):
        sandbox.roll_back()
    with pytest.raises(ManifestError, match=f"no release begins with 'zzz'; known ones: {release}"):
        sandbox.roll_back("zzz")


def test_rollback_to_a_release_whose_code_is_gone_is_refused_before_anything_changes(
    sandbox: Sandbox,
) -> None:
    first = sandbox.deploy()
    change_code(sandbox, "second")
    sandbox.deploy()
    artifact = next(
        item.name for item in first.plan.wanted if item.name.startswith("cars/lambda/lambda-edv-check")
    )
    sandbox.client("s3").delete_object(Bucket="fsa-test-cars-artifacts", Key=artifact)
    with pytest.raises(
        ManifestError, match=f"1 of its artifacts were deleted or replaced by hand: {artifact}"
    ):
        sandbox.roll_back()
    assert sandbox.mutations == []


def test_canary_shares_new_executions_until_a_deploy_promotes_it(sandbox: Sandbox) -> None:
    change_code(sandbox, "first")
    sandbox.deploy()
    change_code(sandbox, "second")
    sandbox.deploy(percent=10)
    assert routes(sandbox) == {"1": 90, "2": 10}
    assert live_answer(sandbox) == "first"
    assert sandbox.prepare(10).plan.changes == ()
    promotion = sandbox.deploy().plan
    assert {change.key.kind for change in promotion.changes} == {"function alias", "state machine alias"}
    assert routes(sandbox) == {"2": 100}
    assert live_answer(sandbox) == "second"


def test_canary_is_rolled_back_like_any_release(sandbox: Sandbox) -> None:
    change_code(sandbox, "first")
    sandbox.deploy()
    change_code(sandbox, "second")
    sandbox.deploy(percent=10)
    sandbox.roll_back()
    assert routes(sandbox) == {"1": 100}
    assert live_answer(sandbox) == "first"


def test_versions_of_no_kept_release_are_pruned_and_what_runs_is_kept(sandbox: Sandbox) -> None:
    for word in ("first", "second", "third"):
        change_code(sandbox, word)
        last = sandbox.deploy()
    pruned = prune(last, keep=2)
    assert [name.rpartition(":")[0] for name in pruned] == [*map(sandbox.name, (PIPELINE, LANDING, CHECK))]
    versions = sandbox.client("lambda").list_versions_by_function(FunctionName=sandbox.name(CHECK))[
        "Versions"
    ]
    assert [version["Version"] for version in versions] == ["$LATEST", "2", "3"]
    assert len(sandbox.open().manifests.all()) == 2
    assert sandbox.roll_back().plan.changes
    assert live_answer(sandbox) == "second"


def test_version_published_by_somebody_else_is_not_ours(sandbox: Sandbox) -> None:
    sandbox.deploy()
    client = sandbox.client("lambda")
    change_code(sandbox, "second")
    prepared = sandbox.prepare()
    other = write_lambda(sandbox.build_dir.parent / "other", f"lambda-{CHECK}", answering("second"))
    client.update_function_code(FunctionName=sandbox.name(CHECK), ZipFile=other.read_bytes())
    client.publish_version(FunctionName=sandbox.name(CHECK), Description="by hand")
    sandbox.apply(prepared)
    assert live_answer(sandbox) == "second"
    assert sandbox.prepare().plan.changes == ()


def test_alias_moved_by_hand_is_drift_and_is_put_back(sandbox: Sandbox) -> None:
    change_code(sandbox, "first")
    sandbox.deploy()
    change_code(sandbox, "second")
    sandbox.deploy()
    sandbox.client("lambda").update_alias(FunctionName=sandbox.name(CHECK), Name="live", FunctionVersion="1")
    (finding,) = find_drift(sandbox.open()).findings
    assert (finding.key.name, finding.state) == (f"{sandbox.name(CHECK)}:live", State.CHANGED)
    (change,) = sandbox.deploy().plan.changes
    assert change.key.kind == "function alias"
    assert live_answer(sandbox) == "second"


def test_manifest_survives_the_way_to_json_and_back(sandbox: Sandbox) -> None:
    prepared = sandbox.deploy()
    (manifest,) = sandbox.open().manifests.all()
    assert manifest.resources == prepared.plan.wanted
    assert {Function, Role, StateMachine} <= {type(resource) for resource in manifest.resources}
    assert manifest.numbers[sandbox.name(CHECK)] == "1"
    assert str(sandbox.build_dir) not in dumped(manifest).decode()
    assert loaded(dumped(manifest), "here") == manifest
    with pytest.raises(ManifestError, match="here is not a manifest"):
        loaded(b"{}", "here")
    doctored = dumped(manifest).replace(b'"memory_mb": 1024', b'"memory_mb": 1025')
    with pytest.raises(ManifestError, match="does not have digest"):
        loaded(doctored, "here")


def test_deploy_cut_off_before_its_record_is_finished_by_the_next(sandbox: Sandbox) -> None:
    prepared = sandbox.deploy()
    manifests = sandbox.open().manifests
    (manifest,) = manifests.all()
    manifests.delete(manifest)
    again = sandbox.prepare()
    assert again.plan.changes == ()
    sandbox.deploy()
    assert [item.release for item in manifests.all()] == [prepared.release]


def test_destroy_deletes_what_is_ours_and_a_rollback_makes_it_again_without_a_build(sandbox: Sandbox) -> None:
    sandbox.asked, sandbox.changes = (
        "other",
        {"env": f"d{sandbox.deploy_env.lower()}"},
    )  # databases of its own
    change_code(sandbox, "first")
    release = sandbox.deploy().release
    sandbox.client("logs").create_log_group(logGroupName=f"/aws/lambda/{sandbox.name('theirs')}")
    doomed = prepare_destroy(sandbox.open())
    assert {change.key.kind for change in doomed.plan.changes} == {
        "log group",
        "role",
        "function",
        "glue job",
        "state machine",
        "database",
        "queue",
        "schedule",
    }
    sandbox.apply(doomed)
    assert prepare_destroy(sandbox.open()).plan.changes == ()
    groups = sandbox.client("logs").describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{sandbox.name('')}")
    assert [group["logGroupName"] for group in groups["logGroups"]] == [
        f"/aws/lambda/{sandbox.name('theirs')}"
    ]
    sandbox.roll_back(release)
    assert live_answer(sandbox) == "first"
    assert prepare(sandbox.open(), sandbox.build_dir).plan.changes == ()


PLAN = """
def handler(event, context):
    empty = {"stg": 0, "dv": 0, "dvGroups": 0}
    run = {"data_src_nm": "CARS", "run_type": "incremental", "start_date": "2026-06-01", "env": "cert"}
    return {**run, "release": "WORD", "stgTables": [], "dvGroups": [], "counts": empty}
"""


def release_seen(sandbox: Sandbox) -> Any:
    """Starts an execution on the live alias; returns the answer of the plan function of its release."""
    names, states = sandbox.open().names, sandbox.client("stepfunctions")
    arn = states.start_execution(stateMachineArn=names.alias_arn(names.edv_pipeline), input="{}")[
        "executionArn"
    ]
    deadline = time.monotonic() + 30
    while (found := states.describe_execution(executionArn=arn))["status"] == "RUNNING":
        assert time.monotonic() < deadline, found
        threading.Event().wait(0.02)
    return json.loads(found["output"])["run"]["release"]


def test_a_run_after_a_rollback_runs_the_release_that_came_back(sandbox: Sandbox) -> None:
    for word in ("first", "second"):
        source = PLAN.replace("WORD", word)
        write_lambda(sandbox.build_dir, "lambda-edv-build-processing-plan", source)
        sandbox.deploy()
        assert release_seen(sandbox) == word
    sandbox.roll_back()
    assert release_seen(sandbox) == "first"
