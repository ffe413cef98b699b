"""Wanted resources: names, settings, policies and Glue arguments of the contract."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.environments import ACCOUNT, BUCKETS, environment

from deployer.blueprint import Blueprint, blueprint
from deployer.blueprint.release import released
from deployer.blueprint.specs import PACKAGES, SPECS
from deployer.build_output.reading import load_builds
from deployer.errors import BuildError
from deployer.model.names import names_of
from deployer.model.resources import Document, Function, GlueJob, Role, StateMachine, Statement, Vpc

REASONED_WILDCARDS = {"NetworkInterfaces", "Tracing", "LogDelivery", "Metrics"}


def _wanted(build_dir: Path, partition: str = "aws", **changes: Any) -> Blueprint:
    found = environment(**changes)
    builds = load_builds(build_dir, found.runtime, "5.1", PACKAGES)
    names = names_of(found, partition, ACCOUNT)
    base = blueprint(found, names, builds)
    return replace(base, resources=tuple(released(base.resources, found, names)))


def _roles(wanted: Blueprint) -> dict[str, Role]:
    return {resource.name: resource for resource in wanted.resources if isinstance(resource, Role)}


def _functions(wanted: Blueprint) -> dict[str, Function]:
    return {resource.name: resource for resource in wanted.resources if isinstance(resource, Function)}


def _job(wanted: Blueprint) -> GlueJob:
    return next(resource for resource in wanted.resources if isinstance(resource, GlueJob))


def test_names_are_those_of_the_contract(build_dir: Path) -> None:
    wanted = _wanted(build_dir)
    assert set(_functions(wanted)) == {
        "FSA-CERT-DownloadZip",
        "FSA-CERT-UploadConfig",
        "FSA-CERT-edv-build-processing-plan",
        "FSA-CERT-edv-check-results",
        "FSA-CERT-edv-finalize-pipeline",
        "FSA-CERT-edv-handle-failure",
    }
    assert _job(wanted).name == "FSA-CERT-DATAMART-EXEC-DB-SQL"
    machines = [resource.name for resource in wanted.resources if isinstance(resource, StateMachine)]
    assert machines == ["FSA-CERT-CARS-EDV-Pipeline", "FSA-CERT-CARS-Landing-Pipeline"]


def test_partition_is_taken_over_everywhere(build_dir: Path) -> None:
    wanted = _wanted(build_dir, "aws-us-gov", snsTopicArn=None)
    text = json.dumps([str(resource) for resource in wanted.resources])
    assert "arn:aws-us-gov:" in text
    assert "arn:aws:" not in text


def test_functions_are_fully_declared(build_dir: Path) -> None:
    function = _functions(_wanted(build_dir))["FSA-CERT-edv-handle-failure"]
    assert function.vpc == Vpc(("subnet-a", "subnet-b"), ("sg-1",))
    assert function.architecture == "x86_64"
    assert function.handler == "edv_handle_failure.handler.handler"
    assert function.environment == {
        "CARS_ENV": "cert",
        "POWERTOOLS_SERVICE_NAME": "edv-handle-failure",
        "POWERTOOLS_LOG_LEVEL": "INFO",
        "DB_SECRET_NAME": "fsa-cert/cars/postgres",
        "DB_SSLMODE": "verify-full",
        "SNS_TOPIC_ARN": f"arn:aws:sns:us-east-1:{ACCOUNT}:cars-alarms",
        "EXTRA": "1",
        "FLAG": "true",
    }
    assert function.undeclared == {"layers"}


def test_variables_tell_plan_and_upload_where_releases_are(build_dir: Path) -> None:
    functions = _functions(_wanted(build_dir))
    plan, upload = functions["FSA-CERT-edv-build-processing-plan"], functions["FSA-CERT-UploadConfig"]
    assert plan.environment["CONFIG_BUCKET"] == upload.environment["OUTPUT_BUCKET"] == BUCKETS[2]
    assert plan.environment["CONFIG_PREFIX"] == upload.environment["OUTPUT_PREFIX"] == "cars/_configs"
    assert upload.environment["INPUT_BUCKET"] == BUCKETS[3]
    assert "DB_SECRET_NAME" not in plan.environment


def test_every_function_has_a_role_of_its_own(build_dir: Path) -> None:
    functions = _functions(_wanted(build_dir))
    assert len({function.role for function in functions.values()}) == len(SPECS)


def test_no_policy_has_a_wildcard_action_and_every_wildcard_resource_a_reason(build_dir: Path) -> None:
    for role in _roles(_wanted(build_dir)).values():
        for sid, statement in role.policy.items():
            assert not any("*" in action for action in statement.actions), (role.name, sid)
            if "*" in statement.resources:
                assert sid in REASONED_WILDCARDS, (role.name, sid)


def test_functions_may_do_what_they_need_and_no_more(build_dir: Path) -> None:
    roles = _roles(_wanted(build_dir))

    def actions(suffix: str) -> set[str]:
        policy = roles[f"FSA-CERT-{suffix}-role"].policy
        return {
            action for sid, item in policy.items() for action in item.actions if sid not in REASONED_WILDCARDS
        }

    logs = {"logs:CreateLogStream", "logs:PutLogEvents"}
    assert actions("DownloadZip") == logs | {
        "s3:AbortMultipartUpload",
        "s3:GetObject",
        "s3:ListBucket",
        "s3:PutObject",
    }
    assert actions("edv-build-processing-plan") == logs | {"s3:GetObject", "s3:ListBucket"}
    assert actions("edv-check-results") == logs | {"secretsmanager:GetSecretValue"}
    assert actions("edv-finalize-pipeline") == logs | {"secretsmanager:GetSecretValue"}
    assert actions("edv-handle-failure") == logs | {"secretsmanager:GetSecretValue", "sns:Publish"}


def test_secret_and_log_access_name_exactly_one_resource(build_dir: Path) -> None:
    policy = _roles(_wanted(build_dir))["FSA-CERT-edv-check-results-role"].policy
    secret = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:fsa-cert/cars/postgres-??????"
    group = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/aws/lambda/FSA-CERT-edv-check-results:*"
    assert policy["DatabaseSecret"] == Statement(("secretsmanager:GetSecretValue",), (secret,))
    assert policy["OwnLogs"].resources == (group,)


def test_missing_release_object_is_reported_as_missing_not_as_forbidden(build_dir: Path) -> None:
    statement = _roles(_wanted(build_dir))["FSA-CERT-edv-build-processing-plan-role"].policy["ListConfigs"]
    assert statement.resources == (f"arn:aws:s3:::{BUCKETS[2]}",)
    assert statement.condition == Document('{"StringLikeIfExists": {"s3:prefix": "cars/_configs/*"}}')


def test_network_interfaces_are_allowed_only_with_a_vpc(build_dir: Path) -> None:
    without = _roles(_wanted(build_dir, lambdaVpc=None))
    assert all(
        "NetworkInterfaces" not in role.policy for name, role in without.items() if "DATAMART" not in name
    )
    assert "NetworkInterfaces" in _roles(_wanted(build_dir))["FSA-CERT-DownloadZip-role"].policy


def test_machine_role_may_call_exactly_what_the_definition_calls(build_dir: Path) -> None:
    policy = _roles(_wanted(build_dir))["FSA-CERT-CARS-StepFunctions-role"].policy
    assert policy["RunJobs"].resources == (
        f"arn:aws:glue:us-east-1:{ACCOUNT}:job/FSA-CERT-DATAMART-EXEC-DB-SQL",
    )
    assert {arn.partition(":function:")[2] for arn in policy["InvokeFunctions"].resources} == {
        "FSA-CERT-edv-build-processing-plan:*",
        "FSA-CERT-edv-check-results:*",
        "FSA-CERT-edv-finalize-pipeline:*",
        "FSA-CERT-edv-handle-failure:*",
    }


def test_glue_arguments_are_derived_from_every_setting(build_dir: Path) -> None:
    arguments = dict(_job(_wanted(build_dir)).arguments)
    modules = arguments.pop("--additional-python-modules").split(",")
    assert [url.rpartition("/")[2].partition("-")[0] for url in modules] == [
        "process_control",
        "datamart_exec",
    ]
    assert all(
        re.match(rf"s3://{BUCKETS[3]}/cars/glue/releases/[0-9a-f]{{16}}/wheels/", url) for url in modules
    )
    assert arguments == {
        "--job-language": "python",
        "--engine": "duckdb",
        "--sslmode": "require",
        "--secret_name": "fsa-cert/cars/postgres",
        "--config_bucket": BUCKETS[2],
        "--config_prefix": "cars/_configs",
        "--final_bucket": BUCKETS[2],
        "--landing_bucket": BUCKETS[0],
        "--clean_bucket": BUCKETS[1],
        "--app": "cars",
        "--env": "cert",
        "--custom": "7",
        "--reject_percent": "2.5",
        "--on_unreadable": "continue",
        "--on_missing_column": "null",
        "--keep_dates": "20",
        "--keep_snapshots": "40",
        "--enable-spark-ui": "true",
        "--spark-event-logs-path": "s3://fsa-test-cars-artifacts/spark-ui/",
        "--enable-metrics": "true",
        "--job-bookmark-option": "job-bookmark-disable",
        "--enable-observability-metrics": "true",
        "--enable-continuous-cloudwatch-log": "true",
        "--continuous-log-logGroup": "/aws-glue/jobs/FSA-CERT-DATAMART-EXEC-DB-SQL",
        "--TempDir": "s3://fsa-test-cars-artifacts/tmp/",
        "--enable-glue-datacatalog": "true",
        "--extra-files": "s3://fsa-test-cars-artifacts/files/a.txt",
        "--extra-py-files": "s3://fsa-test-cars-artifacts/modules/b.zip",
        "--enable-auto-scaling": "true",
        "--python-modules-installer-option": "--no-index --no-deps",
    }


def test_glue_argument_precedence_is_defaults_then_derived_then_explicit(build_dir: Path) -> None:
    found = _job(
        _wanted(
            build_dir,
            glueDefaultArgs={"--engine": "spark", "--final_bucket": "lost", "--custom": "default"},
            GlueJobParameters={"JobParameters": {"--env": "cert", "--TempDir": "s3://explicit/"}},
        )
    ).arguments
    assert found["--engine"] == "spark"
    assert found["--final_bucket"] == BUCKETS[2]
    assert found["--custom"] == "default"
    assert found["--TempDir"] == "s3://explicit/"


def test_arguments_that_every_run_passes_are_no_default_arguments(build_dir: Path) -> None:
    stale = {
        "--start_date": "2026-01-18",
        "--table_name": "OTHER",
        "--layer": "stg",
        "--run_type": "Incremental",
    }
    wanted = _wanted(
        build_dir,
        glueDefaultArgs={"--release": "x"},
        GlueJobParameters={"JobParameters": {**stale, "--custom": "7"}},
    )
    arguments = _job(wanted).arguments
    assert not {*stale, "--release"} & arguments.keys()
    assert arguments["--custom"] == "7"
    notes = [note for note in wanted.notes if "not handed to the job" in note]
    assert [note.partition(": ")[0] for note in notes] == ["warning", "warning"]
    assert "--start_date '2026-01-18'" in notes[0]
    assert "glueDefaultArgs: --release 'x'" in notes[1]


def test_metrics_switched_off_send_no_argument_because_its_presence_means_on(build_dir: Path) -> None:
    found = _job(
        _wanted(build_dir, GlueJobParameters={"GenerateMetrics": "false", "EnableJobBookmarks": "true"})
    )
    assert "--enable-metrics" not in found.arguments
    assert found.arguments["--job-bookmark-option"] == "job-bookmark-enable"


def test_metrics_switched_off_win_over_the_default_arguments(build_dir: Path) -> None:
    found = _wanted(
        build_dir,
        glueDefaultArgs={"--enable-metrics": "true"},
        GlueJobParameters={"GenerateMetrics": "false"},
    )
    assert "--enable-metrics" not in _job(found).arguments


def test_job_role_may_read_the_extra_files_the_job_is_given(build_dir: Path) -> None:
    changes = {"ReferencedFilesS3Path": "s3://a/x.txt, s3://b/y.txt", "AdditionalPythonModulesS3Path": ""}
    policy = _roles(_wanted(build_dir, GlueJobParameters=changes))[
        "FSA-CERT-DATAMART-EXEC-DB-SQL-role"
    ].policy
    assert policy["ReadExtraFiles"] == Statement(
        ("s3:GetObject",), ("arn:aws:s3:::a/x.txt", "arn:aws:s3:::b/y.txt")
    )
    without = {"ReferencedFilesS3Path": "", "AdditionalPythonModulesS3Path": ""}
    bare = _roles(_wanted(build_dir, GlueJobParameters=without))["FSA-CERT-DATAMART-EXEC-DB-SQL-role"]
    assert "ReadExtraFiles" not in bare.policy


def test_connection_named_twice_is_attached_once(build_dir: Path) -> None:
    twice = {"Connections": [{"ConnectionName": "b"}, {"ConnectionName": "a"}, {"ConnectionName": "b"}]}
    assert _job(_wanted(build_dir, GlueJobParameters=twice)).connections == ("a", "b")


def test_state_machine_starts_no_more_runs_than_the_job_allows(build_dir: Path) -> None:
    wanted = _wanted(build_dir, GlueJobParameters={"MaxConcurrency": "7"})
    machine = next(resource for resource in wanted.resources if isinstance(resource, StateMachine))
    definition: Any = machine.definition.value()
    assert definition["States"]["ProcessStageTables"]["MaxConcurrency"] == 7
    assert (machine.log_level, machine.log_data, machine.tracing) == ("ERROR", False, True)


def test_configured_handler_is_used_when_the_zip_has_it_and_otherwise_noted(
    build_dir: Path,
) -> None:
    kept = _wanted(build_dir, downloadZip={"handler": "download_zip.handler.other"})
    assert _functions(kept)["FSA-CERT-DownloadZip"].handler == "download_zip.handler.other"
    stale = _wanted(build_dir, downloadZip={"handler": "lambda_function.lambda_handler"})
    assert _functions(stale)["FSA-CERT-DownloadZip"].handler == "download_zip.handler.handler"
    assert any(
        "lambda_function.lambda_handler' is not in lambda-download-zip.zip" in note for note in stale.notes
    )


def test_incomplete_build_names_every_missing_file(tmp_path: Path) -> None:
    with pytest.raises(BuildError) as raised:
        load_builds(tmp_path, "python3.13", "5.1", ("lambda-download-zip",))
    message = str(raised.value)
    assert message.startswith("3 build outputs are missing: ")
    assert "lambda/python3.13/lambda-download-zip.zip" in message
    assert "glue/5.1/glue.json" in message
    assert "run nox -s build" in message
