"""`GlueJobParameters`: the one Glue job and the connections it is attached to."""

from typing import Annotated

from pydantic import Field

from deployer.environment_file.section import Section
from deployer.environment_file.values import (
    ArgumentMap,
    CommaList,
    Flag,
    OptionalText,
    Text,
    Whole,
    optional_matching,
)

_COUNT = "a whole number of at least 1"
_JDBC_URL = "a JDBC address, for example jdbc:postgresql://HOST:5432/EDV"

S3Path = Annotated[str | None, optional_matching(r"s3://[^/]+(/.*)?", "an S3 path, s3://bucket/key")]


# What the state machine passes to every run; as a default argument it would load another day or another table.
RUN_ARGUMENTS = (
    "--JOB_NAME",
    "--JOB_RUN_ID",
    "--data_src_nm",
    "--execution",
    "--layer",
    "--release",
    "--run_type",
    "--start_date",
    "--table_name",
)
_LANGUAGE = "python (the job is a Python script)"


class Connection(Section):
    """One entry of `Connections`: attached by name; made when it is complete, otherwise it must exist."""

    name: Text = Field(
        alias="ConnectionName", min_length=1, max_length=255, description="the name of a Glue connection"
    )
    type: OptionalText = None
    vpc_id: OptionalText = Field(None, alias="VpcId")
    subnet_ids: CommaList = Field((), alias="SubnetIds")
    security_group_ids: CommaList = Field((), alias="SecurityGroupIds")
    availability_zone: OptionalText = Field(None, alias="AvailabilityZone")
    jdbc_url: Annotated[str | None, optional_matching(r"jdbc:\S+", _JDBC_URL)] = Field(None, alias="JdbcUrl")
    secret_id: OptionalText = Field(None, alias="SecretId")


class GlueJobParameters(Section):
    """Settings of the job; `type`, `VpcId`, `SubnetIds` and `SecurityGroupIds` are defaults for its connections."""

    connections: tuple[Connection, ...] = Field((), alias="Connections", description="a list of connections")
    type: OptionalText = None
    vpc_id: OptionalText = Field(None, alias="VpcId")
    subnet_ids: CommaList = Field((), alias="SubnetIds")
    security_group_ids: CommaList = Field((), alias="SecurityGroupIds")
    availability_zone: OptionalText = Field(None, alias="AvailabilityZone")
    max_concurrency: Whole = Field(20, alias="MaxConcurrency", ge=1, description=_COUNT)
    max_retries: Whole = Field(0, alias="MaxRetries", ge=0, le=10, description="a whole number, 0 to 10")
    timeout_minutes: Whole = Field(
        120, alias="TimeoutMinutes", ge=1, le=10080, description="minutes, 1 to 10080 (7 days)"
    )
    worker_type: Annotated[
        Text,
        Field(
            pattern=r"^(G\.(025|1|2|4|8|12|16)X|R\.[1248]X|Standard)$",
            description="a Glue worker type, for example G.1X",
        ),
    ] = Field("G.1X", alias="WorkerType")
    number_of_workers: Whole = Field(
        2, alias="NumberOfWorkers", ge=2, description="a whole number of at least 2"
    )
    auto_scaling: Flag | None = Field(None, alias="AutomaticScalingEnabled")
    glue_version: Annotated[
        Text, Field(pattern=r"^(4\.0|5\.0|5\.1|6\.0)$", description="a Glue version: 4.0, 5.0, 5.1 or 6.0")
    ] = Field("5.1", alias="GlueVersion")
    job_language: Annotated[str | None, optional_matching("(?i)python", _LANGUAGE)] = Field(
        None, alias="JobLanguage"
    )
    spark_ui_logs_path: S3Path = Field(None, alias="SparkUILogsPath")
    generate_metrics: Flag | None = Field(None, alias="GenerateMetrics")
    job_bookmarks: Flag | None = Field(None, alias="EnableJobBookmarks")
    observability_metrics: Flag | None = Field(None, alias="JobObservabilityMetrics")
    continuous_logging: Flag | None = Field(None, alias="JobContinuousLogging")
    temporary_path: S3Path = Field(None, alias="TemporaryPath")
    data_catalog_as_metastore: Flag | None = Field(None, alias="UseGlueDataCatalogAsTheHiveMetastore")
    referenced_files: OptionalText = Field(None, alias="ReferencedFilesS3Path")
    additional_python_modules: OptionalText = Field(None, alias="AdditionalPythonModulesS3Path")
    job_parameters: ArgumentMap = Field(default_factory=dict, alias="JobParameters")
