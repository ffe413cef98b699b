"""Scenarios of the Lambda functions, invoked as the pipeline or an engineer invokes them."""

import io
import json
import zipfile
from collections.abc import Iterator
from functools import partial
from typing import Any

from cars_acceptance.permissions.environments import ZONES
from cars_acceptance.permissions.scenario_context import (
    Scenario,
    ScenarioContext,
    ScenarioError,
    answer_of,
    require,
)

LARGE = 9 * 1024 * 1024  # bytes; written in parts
RUN = {"data_src_nm": "CARS", "run_type": "initial"}
TRACES = {"TraceSegments", "TelemetryRecords"}


def scenarios(context: ScenarioContext) -> Iterator[Scenario]:
    """All scenarios, the cheapest first and failures last."""
    yield Scenario("a plan is built", plan)
    yield Scenario("a missing config release is reported", missing_release)
    for suffix, event in LEDGERED.items():
        yield Scenario(f"{suffix} writes to the ledger", partial(ledgered, suffix, event))
    yield Scenario("a failure is logged and published to the topic", failure)
    for number, (bucket, name) in enumerate(
        (bucket, name)
        for bucket in context.environment.buckets
        for name in ("archives/{name}.zip", "exports/{name}")
    ):
        zone = context.environment.bucket(ZONES[number % len(ZONES)])
        yield Scenario(f"{zone} is zipped to {bucket}/{name}", partial(zipped, zone, bucket, name))
    yield Scenario("an archive that cannot be finished leaves nothing", unfinished_archive)
    yield Scenario("a config release is expanded", expanded)
    yield Scenario("a config release keeps existing objects", known_member)
    yield Scenario("a config release that was not uploaded is reported", missing_upload)
    for suffix in context.outputs["functions"] if context.environment.optional_keys else ():
        yield Scenario(f"{suffix} joins its network", partial(attached, suffix))


def invoke(context: ScenarioContext, suffix: str, event: dict[str, Any], *, fails: bool = False) -> Any:
    """The answer or error of a cold function; raises ScenarioError when its log or traces are missing."""
    client, function = context.client("lambda"), context.outputs["functions"][suffix]
    client.update_function_configuration(FunctionName=function["name"], Description=context.fresh_name())
    _forget_log(context, function["logGroup"])
    invoked = client.invoke(FunctionName=function["name"], Payload=json.dumps(event))
    answer = answer_of(invoked)
    require(("FunctionError" in invoked) == fails, f"{suffix} answered {answer}")
    streams = context.client("logs").describe_log_streams(logGroupName=function["logGroup"])["logStreams"]
    require(streams, f"{suffix} left no log")
    missing = TRACES - context.delivered(context.roles[suffix])
    require(not missing, f"{suffix} sent no {' and no '.join(sorted(missing))}")
    return answer


def _forget_log(context: ScenarioContext, group: str) -> None:
    logs = context.client("logs")
    for stream in logs.describe_log_streams(logGroupName=group)["logStreams"]:
        logs.delete_log_stream(logGroupName=group, logStreamName=stream["logStreamName"])


def plan(context: ScenarioContext) -> None:
    answer = invoke(context, "edv-build-processing-plan", {**RUN, "env": context.environment.name})
    require(answer["stgTables"], f"the plan has no tables: {answer}")


def missing_release(context: ScenarioContext) -> None:
    with context.hidden(context.outputs["buckets"]["final"], "cars/_configs/current.json"):
        event = {**RUN, "env": context.environment.name}
        error = invoke(context, "edv-build-processing-plan", event, fails=True)
    require(
        "current.json" in error["errorMessage"] and "AccessDenied" not in error["errorMessage"], f"{error}"
    )


NONE_LOADED = {"successCount": 0, "failedCount": 0, "failedTables": [], "canContinue": False}
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


def ledgered(suffix: str, event: dict[str, Any], context: ScenarioContext) -> None:
    answer = invoke(context, suffix, event)
    require(answer["logged"], f"{suffix} wrote nothing: {answer}")


def failure(context: ScenarioContext) -> None:
    event = {**RUN, "start_date": "2026-06-01", "error": {"Error": "Probe", "Cause": "a probe"}}
    answer = invoke(context, "edv-handle-failure", event)
    require(answer["error_logged"], f"the failure was not logged: {answer}")
    require(
        answer["notification_sent"] == context.environment.optional_keys,
        f"the notification is wrong: {answer}",
    )


def zipped(zone: str, bucket: str, name: str, context: ScenarioContext) -> None:
    folder, key = context.fresh_name(), name.format(name=context.fresh_name())
    context.put(zone, f"{folder}/a.txt", b"a")
    answer = invoke(context, "DownloadZip", _packing(zone, folder, bucket, key))
    require(answer["zipped_files"] == 1 and context.exists(bucket, key), f"{answer}")


def unfinished_archive(context: ScenarioContext) -> None:
    """The second object is encrypted with a key that no role may use."""
    zone, folder = context.environment.bucket("landing"), context.fresh_name()
    foreign = context.client("kms").create_key()["KeyMetadata"]["Arn"]
    context.put(zone, f"{folder}/a.txt", b"a")
    context.put(zone, f"{folder}/b.txt", b"b", ServerSideEncryption="aws:kms", SSEKMSKeyId=foreign)
    bucket = context.environment.bucket("artifacts")
    invoke(context, "DownloadZip", _packing(zone, folder, bucket, f"exports/{folder}.zip"), fails=True)
    left = context.unfinished_uploads(bucket)
    require(not left, f"unfinished uploads are left in {bucket}: {left}")


def _packing(zone: str, folder: str, bucket: str, key: str) -> dict[str, str]:
    return {
        "source_bucket": zone,
        "source_folder": folder,
        "destination_bucket": bucket,
        "destination_key": key,
    }


def expanded(context: ScenarioContext) -> None:
    event = _expansion(context, _archive({"a.sql": b"SELECT 1", "large.bin": bytes(LARGE)}))
    answer = invoke(context, "UploadConfig", event)
    require(answer["uploaded"] == 2, f"{answer}")


def known_member(context: ScenarioContext) -> None:
    """S3 reports an existing object at the end of a multipart upload; the function compares it and aborts the upload."""
    event = _expansion(context, _archive({"large.bin": bytes(LARGE), "a.sql": b"SELECT 2"}))
    output = event["output"]
    context.put(output["bucket"], f"{output['prefix']}/large.bin", bytes(LARGE))
    context.put(output["bucket"], f"{output['prefix']}/a.sql", b"SELECT 1")
    answer = invoke(context, "UploadConfig", event)
    require((answer["uploaded"], answer["skipped"]) == (1, 1), f"{answer}")
    left = context.unfinished_uploads(output["bucket"])
    require(not left, f"unfinished uploads are left in {output['bucket']}: {left}")


def missing_upload(context: ScenarioContext) -> None:
    event = _expansion(context, None)
    error = invoke(context, "UploadConfig", event, fails=True)
    require("does not exist" in error["errorMessage"], f"{error}")


def _archive(members: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return content.getvalue()


def _expansion(context: ScenarioContext, archive: bytes | None) -> dict[str, Any]:
    name, buckets = context.fresh_name(), context.outputs["buckets"]
    source = {"bucket": buckets["artifacts"], "key": f"cars/configs/{name}.zip"}
    if archive is not None:
        context.put(source["bucket"], source["key"], archive)
    return {
        "input": source,
        "output": {"bucket": buckets["final"], "prefix": f"cars/_configs/releases/{name}"},
    }


def attached(suffix: str, context: ScenarioContext) -> None:
    """Lambda checks the role's network permissions when the configuration changes, not when the function runs."""
    client, name = context.client("lambda"), context.outputs["functions"][suffix]["name"]
    held = client.get_function_configuration(FunctionName=name)
    network = {key: held["VpcConfig"][key] for key in ("SubnetIds", "SecurityGroupIds")}
    try:
        client.update_function_configuration(FunctionName=name, Role=held["Role"], VpcConfig=network)
    except client.exceptions.InvalidParameterValueException as error:
        raise ScenarioError(str(error)) from error
