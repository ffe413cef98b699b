"""Checks resources that an environment file names and the deployer does not make; reads only.

A check yields findings. A denied read is a warning, because the deploy may work without it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from deployer.aws.adapter import code_of, message_of
from deployer.aws.denials import CLOSED
from deployer.model.permissions import Permission, Scope

if TYPE_CHECKING:
    from mypy_boto3_glue import GlueClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sns import SNSClient

_GONE = {
    "404",
    "EntityNotFoundException",
    "NoSuchBucket",
    "NotFound",
    "NotFoundException",
    "ResourceNotFoundException",
}


def _buckets(scope: Scope) -> list[str]:
    """Buckets that only HeadBucket reads; statements about the other buckets allow it as well."""
    config, route = scope.environment.config, scope.environment.release_route
    zones = config.strparams.landing_bucket, config.strparams.clean_bucket, config.strparams.final_bucket
    listed = {config.artifacts.bucket, route.output_bucket}
    return [scope.names.bucket_arn(name) for name in (*zones, route.input_bucket) if name not in listed]


def _layers(scope: Scope) -> list[str]:
    strparams = scope.environment.config.strparams
    return [arn for arn in (strparams.third_party_layer_arn, strparams.custom_layer_arn) if arn]


def _secret(scope: Scope) -> list[str]:
    name = scope.environment.config.secret_name
    return [scope.names.secret_arn(name)] if name else []


def _topic(scope: Scope) -> list[str]:
    arn = scope.environment.config.sns_topic_arn
    return [arn] if arn else []


PERMISSIONS = (
    Permission("LookAtBuckets", "s3:ListBucket", _buckets),  # HeadBucket
    Permission(
        "CheckConnections",
        "glue:GetConnection",
        lambda scope: scope.beyond_prefix(scope.used_connections),
    ),
    Permission("CheckLayers", "lambda:GetLayerVersion", _layers),
    Permission("CheckSecret", "secretsmanager:DescribeSecret", _secret),
    Permission("CheckTopic", "sns:GetTopicAttributes", _topic),
    Permission("CheckKey", "kms:DescribeKey", lambda scope: scope.key),
)


@dataclass(frozen=True)
class Finding:
    """One line for the person who deploys; a `problem` stops the deploy before its first change."""

    text: str
    problem: bool = True


Check = Callable[[], Iterable[Finding]]


def looked_at(what: str, check: Check) -> list[Finding]:
    """The findings of a check; a denied read is a warning, other AWS errors are raised."""
    try:
        return list(check())
    except ClientError as error:
        if code_of(error) in CLOSED:
            return [
                Finding(
                    f"warning: {what} could not be checked: {message_of(error) or code_of(error)}",
                    problem=False,
                )
            ]
        raise


def is_gone(error: ClientError) -> bool:
    """True when AWS answers that the resource does not exist."""
    return code_of(error) in _GONE


def bucket(s3: "S3Client", key: str, name: str, account: str, region: str) -> Iterable[Finding]:
    """The bucket exists, belongs to the account and is in the region; `key` is where the file names it."""
    try:
        found = s3.head_bucket(Bucket=name, ExpectedBucketOwner=account)
    except ClientError as error:
        if is_gone(error):
            yield Finding(f"{key}: bucket {name} does not exist; create it in {region}, or name another")
        elif code_of(error) in CLOSED:
            yield Finding(
                f"{key}: bucket {name} {_why_closed(s3, name, account)}; name a bucket of your account"
            )
        else:
            raise
        return
    where = found.get("BucketRegion")
    if where and where != region:
        yield Finding(f"{key}: bucket {name} is in {where}, but bucketRegion is {region}")


def _why_closed(s3: "S3Client", name: str, account: str) -> str:
    """Tells a bucket of another account from a denied read: without the expected owner the first can be read."""
    try:
        s3.head_bucket(Bucket=name)
    except ClientError:
        return (
            f"is closed to these credentials (nox -s plan -- ENV --needs-iam prints what they need), "
            f"or belongs to another account than {account}"
        )
    return f"belongs to another account than {account}"


def secret(secrets: "SecretsManagerClient", name: str) -> Iterable[Finding]:
    """The database secret exists and is not about to go; its value is never read."""
    try:
        found = secrets.describe_secret(SecretId=name)
    except ClientError as error:
        if not is_gone(error):
            raise
        yield Finding(f"secretName: secret {name} does not exist; create it, or correct secretName")
        return
    if found.get("DeletedDate"):
        yield Finding(f"secretName: secret {name} is to be deleted; restore it, or name another")


def topic(sns: "SNSClient", arn: str) -> Iterable[Finding]:
    """The topic exists."""
    try:
        sns.get_topic_attributes(TopicArn=arn)
    except ClientError as error:
        if not is_gone(error):
            raise
        yield Finding(f"snsTopicArn: topic {arn} does not exist; create it, or correct snsTopicArn")


def key(kms: "KMSClient", arn: str) -> Iterable[Finding]:
    """The key exists, is enabled and encrypts."""
    try:
        found = kms.describe_key(KeyId=arn)["KeyMetadata"]
    except ClientError as error:
        if not is_gone(error):
            raise
        yield Finding(f"kmsKeyArn: key {arn} does not exist; create it, or correct kmsKeyArn")
        return
    state, usage = found.get("KeyState", "Enabled"), found.get("KeyUsage", "ENCRYPT_DECRYPT")
    if state != "Enabled":
        yield Finding(f"kmsKeyArn: key {arn} is {state}; enable it, or name another")
    if usage != "ENCRYPT_DECRYPT":
        yield Finding(f"kmsKeyArn: key {arn} is for {usage}, not for encryption; name another")


def layer(functions: "LambdaClient", where: str, arn: str, runtime: str) -> Iterable[Finding]:
    """The layer version exists; when the runtime is not among its compatible ones this is a warning."""
    name, _, version = arn.rpartition(":")
    try:
        found = functions.get_layer_version(LayerName=name, VersionNumber=int(version))
    except ClientError as error:
        if not is_gone(error):
            raise
        yield Finding(f"{where}: layer version {arn} does not exist; publish it, or correct the ARN")
        return
    fits = found.get("CompatibleRuntimes") or []
    if fits and runtime not in fits:
        yield Finding(
            f"warning: {where}: layer {arn} is made for {', '.join(fits)}, not for {runtime}", problem=False
        )


def connection(glue: "GlueClient", name: str, missing: str) -> Iterable[Finding]:
    """The connection exists; `missing` says why the deployer does not make it."""
    try:
        glue.get_connection(Name=name, HidePassword=True)
    except ClientError as error:
        if not is_gone(error):
            raise
        yield Finding(
            f"GlueJobParameters.Connections: connection {name} does not exist and cannot be made: {missing}; "
            f"create it, or complete its entry"
        )
