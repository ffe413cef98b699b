"""The environment file, key by key; unknown keys are refused, every value may be a string.

`description` of a field is what a problem report prints as expected.
"""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from deployer.config.values import (
    ArgumentMap,
    CommaList,
    Flag,
    LayerArn,
    OptionalText,
    Prefix,
    RoleArn,
    Text,
    TextMap,
    TopicArn,
    Whole,
    optional_matching,
)

_BUCKET = "a bucket name (3 to 63 lower-case characters)"
_BUCKET_PATTERN = r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"
_REGION = "an AWS region, for example us-east-1"
_REGION_PATTERN = r"[a-z]{2}(-[a-z]+)+-\d"
_COUNT = "a whole number of at least 1"

Bucket = Annotated[Text, StringConstraints(pattern=rf"^{_BUCKET_PATTERN}$")]
OptionalBucket = Annotated[str | None, optional_matching(_BUCKET_PATTERN, _BUCKET)]
S3Path = Annotated[str | None, optional_matching(r"s3://[^/]+(/.*)?", "an S3 path, s3://bucket/key")]

Runtime = Annotated[str | None, optional_matching(r"python3\.1[1-3]", "python3.11, python3.12 or python3.13")]
RoleName = Annotated[
    str | None, optional_matching(r"[\w+=,.@-]{1,64}", "a role name of at most 64 characters")
]


class Section(BaseModel):
    """Base of all sections: immutable, no unknown keys, an empty optional value counts as absent."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def without_empty_options(cls, section: Any) -> Any:
        """Leaves out optional keys that are null or blank; an empty prefix stays, it is the root of a bucket."""
        if not isinstance(section, dict):
            return section
        optional = {
            field.alias or name: name for name, field in cls.model_fields.items() if not field.is_required()
        }
        return {
            key: value
            for key, value in section.items()
            if key not in optional or not _is_empty(value, is_prefix=optional[key].endswith("prefix"))
        }


def _is_empty(value: Any, *, is_prefix: bool) -> bool:
    return value is None or (isinstance(value, str) and not value.strip() and not is_prefix)


class StringParameters(Section):
    """`strparams`: zone buckets, existing roles, layers."""

    landing_bucket: Bucket = Field(alias="landingBucketNameParam", description=_BUCKET)
    clean_bucket: Bucket = Field(alias="cleanBucketNameParam", description=_BUCKET)
    final_bucket: Bucket = Field(alias="finalBucketNameParam", description=_BUCKET)
    etl_role_arn: RoleArn = Field(None, alias="etlRoleArnParam")
    glue_job_role_arn: RoleArn = Field(None, alias="glueJobRoleArnParam")
    third_party_layer_arn: LayerArn = Field(None, alias="thirdPartyLayerArnParam")
    custom_layer_arn: LayerArn = Field(None, alias="customLayerArnParam")
    lambda_runtime: Runtime = Field(None, alias="lambdaRuntime")


class Artifacts(Section):
    """`artifacts`: where code and scripts go."""

    bucket: Bucket = Field(alias="artifactBucket", description=_BUCKET)
    prefix: Prefix = ""


class StepFunctions(Section):
    """`stepFunctions`: the state machine role."""

    role_arn: RoleArn = Field(None, alias="roleArn")
    role_name: RoleName = Field(None, alias="roleName")
    create_role_if_missing: Flag = Field(False, alias="createRoleIfMissing")


class ConfigUpload(Section):
    """`configUpload`: how a config release travels."""

    function_name: OptionalText = Field(None, alias="functionName")
    source_dir: OptionalText = Field(None, alias="sourceDir")
    input_bucket: OptionalBucket = Field(None, alias="inputBucket")
    input_prefix: Prefix | None = Field(None, alias="inputPrefix")
    output_bucket: OptionalBucket = Field(None, alias="outputBucket")
    output_prefix: Prefix | None = Field(None, alias="outputPrefix")
    min_expected_objects: Whole = Field(
        1, alias="minExpectedObjects", ge=0, description="a whole number, 0 or more"
    )
    debug: Flag = False
    timeout_seconds: Whole = Field(300, alias="timeoutSeconds", ge=1, le=900, description="seconds, 1 to 900")


class Connection(Section):
    """One entry of `GlueJobParameters.Connections`: attached by name, never created here."""

    name: Text = Field(alias="ConnectionName", min_length=1, description="the name of a Glue connection")
    type: OptionalText = None
    vpc_id: OptionalText = Field(None, alias="VpcId")
    subnet_ids: CommaList = Field((), alias="SubnetIds")
    security_group_ids: CommaList = Field((), alias="SecurityGroupIds")


class GlueJobParameters(Section):
    """`GlueJobParameters`: the one Glue job."""

    connections: tuple[Connection, ...] = Field((), alias="Connections", description="a list of connections")
    type: OptionalText = None
    vpc_id: OptionalText = Field(None, alias="VpcId")
    subnet_ids: CommaList = Field((), alias="SubnetIds")
    security_group_ids: CommaList = Field((), alias="SecurityGroupIds")
    max_concurrency: Whole = Field(20, alias="MaxConcurrency", ge=1, description=_COUNT)
    max_retries: Whole = Field(0, alias="MaxRetries", ge=0, le=10, description="a whole number, 0 to 10")
    timeout_minutes: Whole = Field(
        120, alias="TimeoutMinutes", ge=1, le=10080, description="minutes, 1 to 10080"
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


class DownloadZip(Section):
    """`downloadZip`: overrides of the DownloadZip function."""

    handler: OptionalText = None
    timeout_seconds: Whole = Field(900, alias="timeoutSeconds", ge=1, le=900, description="seconds, 1 to 900")


class LambdaVpc(Section):
    """`lambdaVpc`: where the functions are attached; empty lists mean detached on purpose."""

    subnet_ids: CommaList = Field((), alias="subnetIds")
    security_group_ids: CommaList = Field((), alias="securityGroupIds")


class ConfigFile(Section):
    """One environment file."""

    deploy_env: Annotated[
        Text,
        Field(
            pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,22}$",
            description="letters, digits and dashes, at most 23, for example PROD",
        ),
    ] = Field(alias="deployEnv")
    project: Annotated[
        Text, Field(pattern=r"^[a-z][a-z0-9_-]*$", description="a lower-case project name, for example cars")
    ] = "cars"
    region: Annotated[Text, Field(pattern=rf"^{_REGION_PATTERN}$", description=_REGION)]
    bucket_region: Annotated[str | None, optional_matching(_REGION_PATTERN, _REGION)] = Field(
        None, alias="bucketRegion"
    )
    account: Annotated[str | None, optional_matching(r"\d{12}", "an account id of 12 digits")] = None
    strparams: StringParameters
    artifacts: Artifacts
    step_functions: StepFunctions = Field(StepFunctions.model_validate({}), alias="stepFunctions")
    config_upload: ConfigUpload = Field(ConfigUpload.model_validate({}), alias="configUpload")
    glue: GlueJobParameters = Field(GlueJobParameters.model_validate({}), alias="GlueJobParameters")
    lambda_env: TextMap | None = Field(None, alias="lambdaEnv")
    glue_default_args: ArgumentMap = Field(default_factory=dict, alias="glueDefaultArgs")
    download_zip: DownloadZip = Field(DownloadZip.model_validate({}), alias="downloadZip")
    lambda_vpc: LambdaVpc | None = Field(None, alias="lambdaVpc")
    secret_name: OptionalText = Field(None, alias="secretName")
    sns_topic_arn: TopicArn = Field(None, alias="snsTopicArn")
    env: Annotated[
        str | None, optional_matching(r"[a-z][a-z0-9-]*", "the lower-case data token, for example prod")
    ] = None
    schedule: Any = None
    config_data: Any = Field(None, alias="configData")
    ssm: Any = None
    paths: Any = None
