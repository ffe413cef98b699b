"""What the functions do, each invoked as the pipeline or an engineer invokes it."""

import io
import json
import zipfile
from collections.abc import Iterator
from functools import partial
from typing import Any

from cars_acceptance.permissions.environments import ZONES
from cars_acceptance.permissions.scenario_context import Scenario, ScenarioError, Stage, answer_of, require

LARGE = 9 * 1024 * 1024  # bytes; written in parts
RUN = {"data_src_nm": "CARS", "run_type": "initial"}
TRACES = {"TraceSegments", "TelemetryRecords"}


def scenarios(stage: Stage) -> Iterator[Scenario]:
    """All of them, from the cheapest use of a function to its failures."""
    yield Scenario("a plan is built", plan)
    yield Scenario("a config release that is missing is said to be missing", missing_release)
    for suffix, event in LEDGERED.items():
        yield Scenario(f"{suffix} writes to the ledger", partial(ledgered, suffix, event))
    yield Scenario("a failure is logged and announced", failure)
    for number, (bucket, name) in enumerate(
        (bucket, name) for bucket in stage.place.buckets for name in ("archives/{name}.zip", "exports/{name}")
    ):
        zone = stage.place.bucket(ZONES[number % len(ZONES)])
        yield Scenario(f"{zone} is zipped to {bucket}/{name}", partial(zipped, zone, bucket, name))
    yield Scenario("an archive that cannot be finished leaves nothing", unfinished_archive)
    yield Scenario("a config release is expanded", expanded)
    yield Scenario("a config release leaves alone what is there already", known_member)
    yield Scenario("a config release that was not sent is said to be missing", missing_upload)
    for suffix in stage.outputs["functions"] if stage.place.rich else ():
        yield Scenario(f"{suffix} joins its network", partial(attached, suffix))


def invoke(stage: Stage, suffix: str, event: dict[str, Any], *, fails: bool = False) -> Any:
    """The answer of a cold function, or its error; its log and its traces must have arrived."""
    client, function = stage.client("lambda"), stage.outputs["functions"][suffix]
    client.update_function_configuration(FunctionName=function["name"], Description=stage.fresh_name())
    _forget_log(stage, function["logGroup"])
    invoked = client.invoke(FunctionName=function["name"], Payload=json.dumps(event))
    answer = answer_of(invoked)
    require(("FunctionError" in invoked) == fails, f"{suffix} answered {answer}")
    streams = stage.client("logs").describe_log_streams(logGroupName=function["logGroup"])["logStreams"]
    require(streams, f"{suffix} left no log")
    missing = TRACES - stage.delivered(stage.roles[suffix])
    require(not missing, f"{suffix} sent no {' and no '.join(sorted(missing))}")
    return answer


def _forget_log(stage: Stage, group: str) -> None:
    logs = stage.client("logs")
    for stream in logs.describe_log_streams(logGroupName=group)["logStreams"]:
        logs.delete_log_stream(logGroupName=group, logStreamName=stream["logStreamName"])


def plan(stage: Stage) -> None:
    answer = invoke(stage, "edv-build-processing-plan", {**RUN, "env": stage.place.name})
    require(answer["stgTables"], f"the plan has no tables: {answer}")


def missing_release(stage: Stage) -> None:
    with stage.hidden(stage.outputs["buckets"]["final"], "cars/_configs/current.json"):
        event = {**RUN, "env": stage.place.name}
        error = invoke(stage, "edv-build-processing-plan", event, fails=True)
    require(
        "current.json" in error["errorMessage"] and "AccessDenied" not in error["errorMessage"], f"{error}"
    )


NONE_LOADED = {"successCount": 0, "failedCount": 0, "failedTables": [], "canContinue": True}
LEDGERED: dict[str, dict[str, Any]] = {
    "edv-check-results": {
        "layer": "STG",
        "results": [{"table_name": "AG_PROD_PLAN", "status": "SUCCESS", "layer": "STG"}],
    },
    "edv-finalize-pipeline": {
        **RUN,
        "start_date": "2026-06-01",
        "stageCheck": NONE_LOADED,
        "edvCheck": NONE_LOADED,
        "counts": {"stg": 0, "dv": 0, "dvGroups": 0},
    },
}


def ledgered(suffix: str, event: dict[str, Any], stage: Stage) -> None:
    answer = invoke(stage, suffix, event)
    require(answer["logged"], f"{suffix} wrote nothing: {answer}")


def failure(stage: Stage) -> None:
    event = {**RUN, "start_date": "2026-06-01", "error": {"Error": "Probe", "Cause": "a probe"}}
    answer = invoke(stage, "edv-handle-failure", event)
    require(answer["error_logged"], f"the failure was not logged: {answer}")
    require(answer["notification_sent"] == stage.place.rich, f"the topic was not told: {answer}")


def zipped(zone: str, bucket: str, name: str, stage: Stage) -> None:
    folder, key = stage.fresh_name(), name.format(name=stage.fresh_name())
    stage.put(zone, f"{folder}/a.txt", b"a")
    answer = invoke(stage, "DownloadZip", _packing(zone, folder, bucket, key))
    require(answer["zipped_files"] == 1 and stage.exists(bucket, key), f"{answer}")


def unfinished_archive(stage: Stage) -> None:
    """The second object lies under a key that nobody may use."""
    zone, folder = stage.place.bucket("landing"), stage.fresh_name()
    foreign = stage.client("kms").create_key()["KeyMetadata"]["Arn"]
    stage.put(zone, f"{folder}/a.txt", b"a")
    stage.put(zone, f"{folder}/b.txt", b"b", ServerSideEncryption="aws:kms", SSEKMSKeyId=foreign)
    bucket = stage.place.bucket("artifacts")
    invoke(stage, "DownloadZip", _packing(zone, folder, bucket, f"exports/{folder}.zip"), fails=True)
    left = stage.unfinished_uploads(bucket)
    require(not left, f"unfinished uploads are left in {bucket}: {left}")


def _packing(zone: str, folder: str, bucket: str, key: str) -> dict[str, str]:
    return {
        "source_bucket": zone,
        "source_folder": folder,
        "destination_bucket": bucket,
        "destination_key": key,
    }


def expanded(stage: Stage) -> None:
    event = _expansion(stage, _archive({"a.sql": b"SELECT 1", "large.bin": bytes(LARGE)}))
    answer = invoke(stage, "UploadConfig", event)
    require(answer["uploaded"] == 2, f"{answer}")


def known_member(stage: Stage) -> None:
    """S3 says at the end of an upload in parts that the object exists; the parts must go."""
    event = _expansion(stage, _archive({"large.bin": bytes(LARGE)}))
    output = event["output"]
    stage.put(output["bucket"], f"{output['prefix']}/large.bin", b"first")
    answer = invoke(stage, "UploadConfig", event)
    require(answer["skipped"] == 1, f"{answer}")
    left = stage.unfinished_uploads(output["bucket"])
    require(not left, f"unfinished uploads are left in {output['bucket']}: {left}")


def missing_upload(stage: Stage) -> None:
    event = _expansion(stage, None)
    error = invoke(stage, "UploadConfig", event, fails=True)
    require("does not exist" in error["errorMessage"], f"{error}")


def _archive(members: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return content.getvalue()


def _expansion(stage: Stage, archive: bytes | None) -> dict[str, Any]:
    name, buckets = stage.fresh_name(), stage.outputs["buckets"]
    source = {"bucket": buckets["artifacts"], "key": f"cars/configs/{name}.zip"}
    if archive is not None:
        stage.put(source["bucket"], source["key"], archive)
    return {
        "input": source,
        "output": {"bucket": buckets["final"], "prefix": f"cars/_configs/releases/{name}"},
    }


def attached(suffix: str, stage: Stage) -> None:
    """Lambda looks whether the role may join the network when it is told of it, not when the function runs."""
    client, name = stage.client("lambda"), stage.outputs["functions"][suffix]["name"]
    held = client.get_function_configuration(FunctionName=name)
    network = {key: held["VpcConfig"][key] for key in ("SubnetIds", "SecurityGroupIds")}
    try:
        client.update_function_configuration(FunctionName=name, Role=held["Role"], VpcConfig=network)
    except client.exceptions.InvalidParameterValueException as error:
        raise ScenarioError(str(error)) from error
