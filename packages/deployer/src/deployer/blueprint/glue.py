"""The wanted Glue job: settings, default arguments, artefacts and role."""

from collections.abc import Iterable, Mapping

from deployer.blueprint.policies import ANYWHERE, key_use, listing, read_releases, secret, statement, trust
from deployer.blueprint.tags import tags_of
from deployer.build_output.contents import GlueBuild
from deployer.environment_file import Environment
from deployer.environment_file.glue import RUN_ARGUMENTS
from deployer.model.names import Names, catalog_databases
from deployer.model.resources import Artifact, GlueJob, Role, Statement

SCRIPT = "datamart_exec_db_sql.py"
MODULES = "--additional-python-modules"
_FLAGS = {
    "generate_metrics": "--enable-metrics",
    "observability_metrics": "--enable-observability-metrics",
    "continuous_logging": "--enable-continuous-cloudwatch-log",
    "data_catalog_as_metastore": "--enable-glue-datacatalog",
    "auto_scaling": "--enable-auto-scaling",
}
_METRICS = ("--enable-metrics", "--enable-observability-metrics")
_PATHS = {
    "temporary_path": "--TempDir",
    "referenced_files": "--extra-files",
    "additional_python_modules": "--extra-py-files",
}


def artifacts(environment: Environment, build: GlueBuild) -> tuple[Artifact, ...]:
    """Script and wheels under a prefix that holds their digest, so that a running job keeps its own."""
    bucket, prefix = environment.config.artifacts.bucket, environment.config.artifacts.prefix
    folder = f"{prefix}glue/releases/{build.digest[:16]}/"
    key = environment.artifact_key
    script = Artifact(bucket, f"{folder}{SCRIPT}", build.script_digest, build.script, key)
    wheels = (
        Artifact(bucket, f"{folder}wheels/{wheel.name}", wheel.digest, wheel.path, key)
        for wheel in build.wheels
    )
    return script, *wheels


def job(environment: Environment, names: Names, build: GlueBuild) -> GlueJob:
    """The one Glue job; every setting whose default depends on the Glue version is sent."""
    config = environment.config
    settings = config.glue
    script, *wheels = artifacts(environment, build)
    return GlueJob(
        name=names.glue_job,
        role=role_arn(environment, names),
        command="glueetl",
        script=url(script),
        python="3",
        glue_version=settings.glue_version,
        worker_type=settings.worker_type,
        workers=settings.number_of_workers,
        timeout_minutes=settings.timeout_minutes,
        max_concurrent_runs=settings.max_concurrency,
        max_retries=settings.max_retries,
        connections=tuple(sorted({connection.name for connection in settings.connections})),
        arguments=arguments(environment, names, wheels),
        tags=tags_of(environment),
        description="Loads one table of the CARS data mart per run",
    )


def release_arguments(job: GlueJob) -> Mapping[str, str]:
    """Arguments with which a run uses the code of this release, whatever the definition of the job says by then.

    `--scriptLocation` overrides the job's script (Glue developer guide, "job parameters").
    """
    modules = job.arguments.get(MODULES)
    return {"--scriptLocation": job.script} | ({MODULES: modules} if modules else {})


def url(artifact: Artifact) -> str:
    return f"s3://{artifact.bucket}/{artifact.name}"


def arguments(environment: Environment, names: Names, wheels: Iterable[Artifact]) -> Mapping[str, str]:
    """Default arguments; later wins: built-in, `glueDefaultArgs`, derived from other keys, `JobParameters`."""
    builtin = {"--engine": "duckdb", "--sslmode": "verify-full", "--job-language": "python"}
    derived = {
        **builtin,
        **environment.config.glue_default_args,
        **_data_arguments(environment),
        **_switches(environment, names),
        **_modules(wheels),
    }
    # For Glue the presence of this argument means "on", whatever its value.
    if environment.config.glue.generate_metrics is False:
        del derived["--enable-metrics"]
    found = derived | environment.config.glue.job_parameters
    return {name: value for name, value in found.items() if name not in RUN_ARGUMENTS}


def argument_notes(environment: Environment) -> tuple[str, ...]:
    """Notes about arguments that the job does not get or that replace its wheels, and about unused paths."""
    settings, notes = environment.config.glue, []
    given = {
        "JobParameters": settings.job_parameters,
        "glueDefaultArgs": environment.config.glue_default_args,
    }
    for key, arguments_ in given.items():
        if own := [f"{name} {arguments_[name]!r}" for name in RUN_ARGUMENTS if name in arguments_]:
            notes.append(
                f"warning: {key}: {', '.join(own)} not handed to the job: every run passes its own; remove the line"
            )
    if MODULES in settings.job_parameters:
        notes.append(f"GlueJobParameters.JobParameters.{MODULES} replaces the wheels the job is built with")
    unused = {"SparkUILogsPath": settings.spark_ui_logs_path, "TemporaryPath": settings.temporary_path}
    if named := [name for name, path in unused.items() if path]:
        notes.append(
            f"GlueJobParameters.{' and '.join(named)}: the job runs no Spark and writes nothing there, "
            "so its role may not either"
        )
    return tuple(notes)


def _data_arguments(environment: Environment) -> dict[str, str]:
    config, route = environment.config, environment.release_route
    found = {
        "--config_bucket": route.output_bucket,
        "--config_prefix": route.output_prefix.rstrip("/"),
        "--final_bucket": config.strparams.final_bucket,
        "--landing_bucket": config.strparams.landing_bucket,
        "--clean_bucket": config.strparams.clean_bucket,
        "--app": config.project,
        "--env": environment.env,
        **config.landing.arguments,
    }
    return found | ({"--secret_name": config.secret_name} if config.secret_name else {})


def _switches(environment: Environment, names: Names) -> dict[str, str]:
    settings = environment.config.glue
    flags = {name: getattr(settings, field) for field, name in _FLAGS.items()}
    found = {name: "true" if value else "false" for name, value in flags.items() if value is not None}
    found |= {name: value for field, name in _PATHS.items() if (value := getattr(settings, field))}
    if settings.job_bookmarks is not None:
        found["--job-bookmark-option"] = f"job-bookmark-{'enable' if settings.job_bookmarks else 'disable'}"
    if settings.spark_ui_logs_path:
        found |= {"--enable-spark-ui": "true", "--spark-event-logs-path": settings.spark_ui_logs_path}
    if settings.continuous_logging:
        found["--continuous-log-logGroup"] = names.glue_log_group
    return found


def _modules(wheels: Iterable[Artifact]) -> dict[str, str]:
    modules = ",".join(map(url, wheels))
    if not modules:
        return {}
    return {MODULES: modules, "--python-modules-installer-option": "--no-index --no-deps"}


def role_arn(environment: Environment, names: Names) -> str:
    """The existing role of the config, or the job's own."""
    return environment.config.strparams.glue_job_role_arn or names.role_arn(names.role(names.glue_job))


def role(environment: Environment, names: Names) -> Role:
    """Role of the job, made only when the config names none."""
    return Role(
        name=names.role(names.glue_job),
        path="/",
        trust=trust("glue.amazonaws.com"),
        policy=_policy(environment, names),
        tags=tags_of(environment),
    )


def _policy(environment: Environment, names: Names) -> Mapping[str, Statement]:
    config = environment.config
    artifacts_bucket, folder = config.artifacts.bucket, f"{config.artifacts.prefix}glue/"
    final, sources = config.strparams.final_bucket, f"{config.project}/"
    logs = names.log_group_arn("/aws-glue/jobs/*")
    policy = {
        "ReadCode": statement(
            "s3:GetObject",
            names.objects_arn(artifacts_bucket, folder),
            reason="loads the script and wheels of the release that it runs",
        ),
        "ListCode": listing(names, artifacts_bucket, folder, "gets 404 instead of 403 for missing code"),
        "ReadSources": statement(
            "s3:GetObject",
            names.objects_arn(final, sources),
            reason="reads source tables, and config releases in the same bucket",
        ),
        "ListSources": listing(names, final, sources, "finds the files of source tables"),
        "Logs": statement(
            "logs:CreateLogGroup logs:CreateLogStream logs:PutLogEvents",
            logs,
            reason="writes its logs; Glue makes their groups when the first run needs them",
        ),
        **_metrics(arguments(environment, names, ())),
        **_configs(environment, names, final, sources),
        **_landing(environment, names),
        **secret(environment, names),
        **_connection_access(environment, names),
    }
    extra = f"{config.glue.referenced_files or ''},{config.glue.additional_python_modules or ''}".split(",")
    if files := [names.path_arn(path.strip()) for path in extra if path.strip().startswith("s3://")]:
        policy["ReadExtraFiles"] = statement(
            "s3:GetObject", *files, reason="loads the files and modules that the environment file names"
        )
    through = {"s3"} | ({"secretsmanager"} if config.secret_name else set())
    return policy | key_use(environment, names, through, writes=True)


def _landing(environment: Environment, names: Names) -> dict[str, Statement]:
    """What layer LANDING needs beside reading the final bucket.

    It writes no name that a config release, or the pointer to one, can have.
    """
    app, zones = environment.config.project, environment.config.strparams
    folders = [f"{app}/dbo/", f"{app}/etl-jobs/"]
    written = ("*.parquet", "*/metadata/*.avro", "*/metadata/*.metadata.json")
    database, _ = catalog_databases(environment.env)
    return {
        "ListLanding": statement(
            "s3:ListBucket",
            names.bucket_arn(zones.landing_bucket),
            reason="finds the objects of the landing zone, and the target schema",
            condition={"StringLike": {"s3:prefix": [f"{folder}*" for folder in folders]}},
        ),
        "ReadLanding": statement(
            "s3:GetObject",
            *(names.objects_arn(zones.landing_bucket, folder) for folder in folders),
            reason="reads the objects of the landing zone, and the target schema",
        ),
        "WriteZones": statement(
            "s3:DeleteObject s3:PutObject",
            *(names.path_arn(f"{zones.final_bucket}/{app}/{form}") for form in written),
            reason="writes final zone, change zone and rejected rows, and deletes files that nothing needs any more",
        ),
        "FinalZoneTables": statement(
            "glue:CreateTable glue:GetDatabase glue:GetTable glue:UpdateTable",
            names.arn("glue", "catalog"),
            names.arn("glue", f"database/{database}"),
            names.arn("glue", f"table/{database}/*"),
            reason="keeps the tables of the final zone; Glue checks catalog and database too",
        ),
    }


def _metrics(given: Mapping[str, str]) -> dict[str, Statement]:
    if all(given.get(name, "false") == "false" for name in _METRICS):
        return {}
    namespace = {"StringEquals": {"cloudwatch:namespace": "Glue"}}
    reason = "sends metrics; CloudWatch knows no resource for them, only a namespace"
    put = statement("cloudwatch:PutMetricData", *ANYWHERE, reason=reason, condition=namespace)
    return {"Metrics": put}


def _configs(environment: Environment, names: Names, final: str, sources: str) -> dict[str, Statement]:
    """Empty where the statements about the sources already cover the config releases."""
    route = environment.release_route
    if route.output_bucket == final and route.output_prefix.startswith(sources):
        return {}
    return read_releases(environment, names)


def _connection_access(environment: Environment, names: Names) -> dict[str, Statement]:
    connections = [connection.name for connection in environment.config.glue.connections]
    if not connections:
        return {}
    arns = [names.arn("glue", f"connection/{name}") for name in connections]
    return {
        "Connections": statement(
            "glue:GetConnection",
            names.arn("glue", "catalog"),
            *arns,
            reason="reads its connections; Glue checks the catalog too",
        ),
        "NetworkInterfaces": statement(
            "ec2:CreateNetworkInterface ec2:DeleteNetworkInterface ec2:DescribeNetworkInterfaces "
            "ec2:DescribeRouteTables ec2:DescribeSecurityGroups ec2:DescribeSubnets "
            "ec2:DescribeVpcAttribute ec2:DescribeVpcEndpoints",
            *ANYWHERE,
            reason="joins the network of its connections; Glue checks these before the interfaces exist",
        ),
        "TagInterfaces": statement(
            "ec2:CreateTags ec2:DeleteTags",
            names.arn("ec2", "network-interface/*"),
            reason="tags its interfaces for Glue",
            condition={"ForAllValues:StringEquals": {"aws:TagKeys": ["aws-glue-service-resource"]}},
        ),
    }
