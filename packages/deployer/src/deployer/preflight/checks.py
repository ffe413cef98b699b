"""Checks everything a deploy needs and does not make, in parallel, before the first change.

Problems are listed together and stop the deploy; warnings go to the notes of the plan. Reads only.
"""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import partial

from deployer.aws import prerequisites, trust
from deployer.aws.clients import Clients
from deployer.aws.prerequisites import Check, Finding
from deployer.blueprint import machine
from deployer.blueprint.connections import lacking, resolved
from deployer.environment_file import Environment
from deployer.environment_file.end_of_support import GLUE_VERSIONS, RUNTIMES, ending, over
from deployer.errors import PreflightError
from deployer.model.names import Names

_WORKERS = 8


@dataclass
class Preflight:
    """The warnings of the checks; filled at the end of the block."""

    warnings: list[str] = field(default_factory=list)


@contextmanager
def preflight(environment: Environment, clients: Clients, names: Names) -> Iterator[Preflight]:
    """Runs the checks in parallel with the block. Raises PreflightError.

    It is raised also when the block failed: the message of a check, for example about a bucket of another account, is
    clearer than that of the read that failed.
    """
    seen = Preflight()
    checks = aws_checks(environment, clients, names)  # makes clients, which must happen in one thread
    with ThreadPoolExecutor(_WORKERS) as pool:
        pending = [pool.submit(prerequisites.run_check, what, check) for what, check in checks]
        try:
            yield seen
        finally:
            findings = list(support(environment, today()))
            for future in pending:
                findings += future.result()
            seen.warnings += [finding.text for finding in findings if not finding.problem]
            refuse(environment, findings)


def today() -> date:
    """The current day; replaced in tests."""
    return datetime.now(UTC).date()


def refuse(environment: Environment, findings: Iterable[Finding]) -> None:
    """Raises PreflightError that lists every problem, each on its line."""
    problems = [finding.text for finding in findings if finding.problem]
    if problems:
        count = f"{len(problems)} problem{'s' if len(problems) > 1 else ''}"
        lines = "\n".join(f"  {problem}" for problem in problems)
        raise PreflightError(f"{environment.source}: {count}, nothing was changed:\n{lines}")


def support(environment: Environment, day: date) -> Iterator[Finding]:
    """Runtimes whose support has ended or ends soon; not checked for the local AWS."""
    if environment.is_local:
        return
    config = environment.config
    newest = max(RUNTIMES, key=lambda name: RUNTIMES[name].support)
    entries = (
        (
            f"strparams.lambdaRuntime {environment.runtime}",
            RUNTIMES.get(environment.runtime),
            f"set {newest}",
        ),
        (
            f"GlueJobParameters.GlueVersion {config.glue.glue_version}",
            GLUE_VERSIONS.get(config.glue.glue_version),
            "set a newer one",
        ),
    )
    for what, end, way_out in entries:
        if problem := over(what, end, day, way_out):
            yield Finding(problem)
        if word := ending(what, end, day, way_out):
            yield Finding(word, problem=False)
    for key, schedule in environment.schedules.items():
        if schedule.end_date and schedule.end_date.date() < day:
            yield Finding(
                f"warning: {key}.endDate {schedule.end_date.date()} is past: nothing starts any more; "
                f"change it, or remove the key {key}",
                problem=False,
            )


def aws_checks(environment: Environment, clients: Clients, names: Names) -> list[tuple[str, Check]]:
    """All checks of this environment, each with the name of what it checks."""
    return [
        *_buckets(environment, clients, names),
        *_roles(environment, clients),
        *_connections(environment, clients),
        *_layers(environment, clients),
        *_others(environment, clients),
    ]


def _buckets(environment: Environment, clients: Clients, names: Names) -> Iterator[tuple[str, Check]]:
    config, route = environment.config, environment.release_route
    named = {
        "artifacts.artifactBucket": config.artifacts.bucket,
        "strparams.landingBucketNameParam": config.strparams.landing_bucket,
        "strparams.cleanBucketNameParam": config.strparams.clean_bucket,
        "strparams.finalBucketNameParam": config.strparams.final_bucket,
        "configUpload.inputBucket": route.input_bucket,
        "configUpload.outputBucket": route.output_bucket,
    }
    first = {bucket: where for where, bucket in reversed(named.items())}
    for bucket, where in reversed(first.items()):
        check = partial(
            prerequisites.bucket, clients.s3, where, bucket, names.place.account, environment.bucket_region
        )
        yield f"bucket {bucket}", check


def _roles(environment: Environment, clients: Clients) -> Iterator[tuple[str, Check]]:
    config = environment.config
    machine_role = None if machine.role_is_managed(environment) else config.step_functions.role_arn
    given = (
        ("strparams.etlRoleArnParam", config.strparams.etl_role_arn, "lambda.amazonaws.com"),
        ("strparams.glueJobRoleArnParam", config.strparams.glue_job_role_arn, "glue.amazonaws.com"),
        ("stepFunctions.roleArn", machine_role, "states.amazonaws.com"),
        *(
            (f"{key}.roleArn", one.role_arn, "scheduler.amazonaws.com")
            for key, one in environment.schedules.items()
        ),
    )
    for where, arn, service in given:
        if arn:
            yield f"role {arn}", partial(trust.role, clients.iam, where, arn, service)


def _connections(environment: Environment, clients: Clients) -> Iterator[tuple[str, Check]]:
    for entry in resolved(environment.config.glue):
        missing = lacking(entry)
        if missing:
            yield (
                f"connection {entry.name}",
                partial(prerequisites.connection, clients.glue, entry.name, missing),
            )


def _layers(environment: Environment, clients: Clients) -> Iterator[tuple[str, Check]]:
    strparams = environment.config.strparams
    given = (
        ("strparams.thirdPartyLayerArnParam", strparams.third_party_layer_arn),
        ("strparams.customLayerArnParam", strparams.custom_layer_arn),
    )
    for where, arn in given:
        if arn:
            yield (
                f"layer {arn}",
                partial(prerequisites.layer, clients.functions, where, arn, environment.runtime),
            )


def _others(environment: Environment, clients: Clients) -> Iterator[tuple[str, Check]]:
    config = environment.config
    if config.secret_name:
        yield (
            f"secret {config.secret_name}",
            partial(prerequisites.secret, clients.secrets, config.secret_name),
        )
    if config.sns_topic_arn:
        yield f"topic {config.sns_topic_arn}", partial(prerequisites.topic, clients.sns, config.sns_topic_arn)
    if config.kms_key_arn:
        yield f"key {config.kms_key_arn}", partial(prerequisites.key, clients.kms, config.kms_key_arn)
