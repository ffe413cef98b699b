"""The Lambda functions as a table: name, size, access and variables of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from deployer.environment_file import Environment


class Access(Enum):
    """What a function accesses beside its own log group; its policy is derived from these."""

    READ_ZONES = "read zone buckets"
    WRITE_ARCHIVES = "write zip archives"
    READ_UPLOADS = "read uploaded releases"
    WRITE_RELEASES = "write expanded releases"
    READ_RELEASES = "read config releases"
    READ_TARGET_SCHEMA = "read the target schema of landings"
    DATABASE = "read the database secret"
    NOTIFY = "publish to the topic"


@dataclass(frozen=True)
class Spec:
    """One function: name suffix, package, size and access."""

    suffix: str
    package: str
    memory_mb: int
    timeout_seconds: int
    access: tuple[Access, ...]
    description: str


DOWNLOAD_ZIP = Spec(
    "DownloadZip",
    "lambda-download-zip",
    1024,
    900,
    (Access.READ_ZONES, Access.WRITE_ARCHIVES),
    "Packs the objects below an S3 prefix into one zip object",
)
UPLOAD_CONFIG = Spec(
    "UploadConfig",
    "lambda-upload-config",
    1024,
    900,
    (Access.READ_UPLOADS, Access.WRITE_RELEASES),
    "Expands an uploaded config release",
)
BUILD_PLAN = Spec(
    "edv-build-processing-plan",
    "lambda-edv-build-processing-plan",
    512,
    110,
    (Access.READ_RELEASES, Access.READ_TARGET_SCHEMA),
    "Works out which tables a run loads, in which order",
)
CHECK_RESULTS = Spec(
    "edv-check-results",
    "lambda-edv-check-results",
    256,
    60,
    (Access.DATABASE,),
    "Counts what succeeded and failed and says whether a run may go on",
)
FINALIZE = Spec(
    "edv-finalize-pipeline",
    "lambda-edv-finalize-pipeline",
    256,
    60,
    (Access.DATABASE,),
    "Sums up an EDV run",
)
HANDLE_FAILURE = Spec(
    "edv-handle-failure",
    "lambda-edv-handle-failure",
    256,
    60,
    (Access.DATABASE, Access.NOTIFY),
    "Logs and announces a failed EDV run",
)
SPECS = (DOWNLOAD_ZIP, UPLOAD_CONFIG, BUILD_PLAN, CHECK_RESULTS, FINALIZE, HANDLE_FAILURE)
PACKAGES = tuple(spec.package for spec in SPECS)


def variables(spec: Spec, environment: Environment) -> Mapping[str, str]:
    """Environment variables of one function; `lambdaEnv` of the config wins over the derived ones."""
    config, route = environment.config, environment.release_route
    found = {
        "CARS_ENV": environment.env,
        "POWERTOOLS_SERVICE_NAME": spec.suffix,
        "POWERTOOLS_LOG_LEVEL": "INFO",
    }
    if Access.READ_RELEASES in spec.access:
        found |= {"CONFIG_BUCKET": route.output_bucket, "CONFIG_PREFIX": route.output_prefix.rstrip("/")}
    if Access.READ_TARGET_SCHEMA in spec.access:
        files = (f"s3://{bucket}/{key}" for bucket, key in environment.target_schema_files)
        found["TARGET_SCHEMA_FILES"] = " ".join(files)
    if Access.WRITE_RELEASES in spec.access:
        found["INPUT_BUCKET"] = route.input_bucket
        found |= {"OUTPUT_BUCKET": route.output_bucket, "OUTPUT_PREFIX": route.output_prefix.rstrip("/")}
    if Access.DATABASE in spec.access:
        found["DB_SSLMODE"] = "verify-full"
        if config.secret_name:
            found["DB_SECRET_NAME"] = config.secret_name
    if Access.NOTIFY in spec.access and config.sns_topic_arn:
        found["SNS_TOPIC_ARN"] = config.sns_topic_arn
    return {**found, **(config.lambda_env or {})}


def find_spec(function: str, prefix: str) -> Spec | None:
    """The function called by its suffix, full name or package, in any case."""
    asked = function.lower()
    for spec in SPECS:
        if asked in {spec.suffix.lower(), f"{prefix}-{spec.suffix}".lower(), spec.package}:
            return spec
    return None
