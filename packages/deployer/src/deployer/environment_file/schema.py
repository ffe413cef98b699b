"""The environment file, key by key; unknown keys are refused, every value may be a string.

`description` of a field is what a problem report prints as expected.
"""

from typing import Annotated, Any

from pydantic import Field, StringConstraints

from deployer.environment_file.glue import GlueJobParameters
from deployer.environment_file.landing import Landing
from deployer.environment_file.schedule import Schedule
from deployer.environment_file.section import Section
from deployer.environment_file.tags import Tags
from deployer.environment_file.values import (
    ArgumentMap,
    CommaList,
    Flag,
    KeyArn,
    LayerArn,
    OptionalText,
    Prefix,
    RoleArn,
    Text,
    TextMap,
    TopicArn,
    Whole,
    one_of,
    optional_matching,
)

_BUCKET = "a bucket name (3 to 63 lower-case characters)"
_BUCKET_PATTERN = r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"
_REGION = "an AWS region, for example us-east-1"
_REGION_PATTERN = r"[a-z]{2}(-[a-z]+)+-\d"
# PutRetentionPolicy (CloudWatch Logs API reference) takes these and no other.
_RETENTION = (
    1,
    3,
    5,
    7,
    14,
    30,
    60,
    90,
    120,
    150,
    180,
    365,
    400,
    545,
    731,
    1096,
    1827,
    2192,
    2557,
    2922,
    3288,
    3653,
)

Bucket = Annotated[Text, StringConstraints(pattern=rf"^{_BUCKET_PATTERN}$")]
OptionalBucket = Annotated[str | None, optional_matching(_BUCKET_PATTERN, _BUCKET)]
Runtime = Annotated[str | None, optional_matching(r"python3\.1[1-3]", "python3.11, python3.12 or python3.13")]
RoleName = Annotated[
    str | None, optional_matching(r"[\w+=,.@-]{1,64}", "a role name of at most 64 characters")
]


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
    """`configUpload`: how a config release is uploaded."""

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
    timeout_seconds: Whole = Field(900, alias="timeoutSeconds", ge=1, le=900, description="seconds, 1 to 900")


class DownloadZip(Section):
    """`downloadZip`: overrides of the DownloadZip function."""

    handler: OptionalText = None
    timeout_seconds: Whole = Field(900, alias="timeoutSeconds", ge=1, le=900, description="seconds, 1 to 900")


class LambdaVpc(Section):
    """`lambdaVpc`: where the functions are attached; empty lists detach them."""

    subnet_ids: CommaList = Field((), alias="subnetIds")
    security_group_ids: CommaList = Field((), alias="securityGroupIds")


class ConfigFile(Section):
    """One environment file."""

    deploy_env: Annotated[
        Text,
        Field(
            pattern=r"^[A-Za-z0-9][A-Za-z0-9-]*$",
            description="letters, digits and dashes, for example PROD",
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
    kms_key_arn: KeyArn = Field(None, alias="kmsKeyArn")
    log_retention_days: Annotated[int, one_of("days", _RETENTION)] = Field(90, alias="logRetentionDays")
    tags: Tags = Field(default_factory=dict)
    schedule: Schedule | None = None
    landing: Landing = Field(Landing.model_validate({}))
    config_data: Any = Field(None, alias="configData")
    ssm: Any = None
    paths: Any = None
