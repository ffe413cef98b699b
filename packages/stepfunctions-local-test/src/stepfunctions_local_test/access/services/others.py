"""Secrets Manager, KMS, CloudWatch, X-Ray, EC2 and the tagging API, as far as pipelines use them."""

from collections.abc import Iterator
from typing import Any

from stepfunctions_local_test.server import moto_settings  # isort: skip - before anything of moto

from moto.kms.models import kms_backends
from moto.secretsmanager.models import secretsmanager_backends

from stepfunctions_local_test.access.calls import Call
from stepfunctions_local_test.access.evaluation import ANY_RESOURCE, Context
from stepfunctions_local_test.access.services.table import every, given, need, need_each, simple, tag_context


def secret(call: Call) -> str:
    """ARN of a secret with its six random characters; a name that is no secret's stays as it is, as in AWS."""
    asked = call.text("SecretId")
    held: Any = secretsmanager_backends[call.account or moto_settings.ACCOUNT][call.region]
    found = held.secrets.get(asked) if asked else None
    return str(found.arn) if found is not None else asked or ANY_RESOURCE


def new_secret(call: Call) -> str:
    """ARN of a secret that a call makes: nobody knows its six characters yet."""
    return call.arn("secretsmanager", f"secret:{call.text('Name')}-??????".replace("?", "x"))


def tags(call: Call) -> Context:
    """Condition keys of the tags that a call brings."""
    return tag_context(call.params.get("Tags"))


def key(call: Call) -> str:
    """ARN of the key of a call."""
    return key_arn(call, call.text("KeyId"))


def through(call: Call, service: str) -> Context:
    """Condition key of a use of a key that a service makes with the caller's rights.

    https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
    """
    return {"kms:viaservice": (f"{service}.{call.region}.amazonaws.com",)}


def key_arn(call: Call, asked: str) -> str:
    """ARN of a key given by id, alias or ARN."""
    if asked.startswith("arn:") and ":key/" in asked:
        return asked
    held: Any = kms_backends[call.account or moto_settings.ACCOUNT][call.region]
    alias = asked.rpartition(":")[2]
    name = next((key_id for key_id, item in list(held.keys.items()) if alias in item.aliases), asked)
    return call.arn("kms", f"key/{name}") if name else ANY_RESOURCE


def namespace(call: Call) -> Context:
    """The namespace into which metrics are put."""
    return {"cloudwatch:namespace": (call.text("Namespace"),)}


def alarms(call: Call) -> Iterator[str]:
    """ARNs of the alarms that a call names, all of them when it names none."""
    named = call.params.get("AlarmNames") or [call.text("AlarmName") or "*"]
    for name in named:
        yield call.arn("cloudwatch", f"alarm:{name}")


SECRETS = {
    **simple(
        "secretsmanager",
        "GetSecretValue DescribeSecret PutSecretValue UpdateSecret DeleteSecret RestoreSecret ListSecretVersionIds "
        "GetResourcePolicy PutResourcePolicy DeleteResourcePolicy UntagResource RotateSecret",
        secret,
    ),
    "TagResource": need("secretsmanager:TagResource", secret, context=tags),
    "CreateSecret": every(
        need("secretsmanager:CreateSecret", new_secret, context=tags),
        given("Tags", need("secretsmanager:TagResource", new_secret, context=tags)),
    ),
    **simple("secretsmanager", "ListSecrets GetRandomPassword"),
}
KMS = {
    **simple(
        "kms",
        "Decrypt Encrypt GenerateDataKey GenerateDataKeyWithoutPlaintext DescribeKey GetKeyPolicy CreateGrant "
        "ListGrants GetKeyRotationStatus ListResourceTags",
        key,
    ),
    **simple("kms", "ListKeys ListAliases CreateKey"),
}
CLOUDWATCH = {
    "PutMetricData": need("cloudwatch:PutMetricData", context=namespace),
    **simple("cloudwatch", "GetMetricData GetMetricStatistics ListMetrics"),
    **{
        name: need_each(f"cloudwatch:{name}", alarms)
        for name in ("DescribeAlarms", "PutMetricAlarm", "DeleteAlarms", "DescribeAlarmHistory")
    },
}
XRAY = simple(
    "xray",
    "PutTraceSegments PutTelemetryRecords GetSamplingRules GetSamplingTargets GetSamplingStatisticSummaries "
    "BatchGetTraces GetTraceSummaries GetTraceGraph GetServiceGraph",
)
EC2 = simple(
    "ec2",
    "DescribeSubnets DescribeSecurityGroups DescribeVpcs DescribeNetworkInterfaces DescribeRouteTables "
    "DescribeVpcEndpoints DescribeVpcAttribute DescribeAvailabilityZones DescribeRegions DescribeTags",
)
TAGGING = {
    name: need(f"tag:{name}")
    for name in ("GetResources", "GetTagKeys", "GetTagValues", "TagResources", "UntagResources")
}
