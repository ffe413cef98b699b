"""KMS, CloudWatch, X-Ray, EC2 and the tagging API, as far as pipelines use them."""

from collections.abc import Iterator

from local_aws.access.calls import Call
from local_aws.access.evaluation import Context
from local_aws.access.services.keys import key_arn
from local_aws.access.services.table import requires, requires_each, same_name, tag_context


def tags(call: Call) -> Context:
    """Condition keys of the tags in a call."""
    return tag_context(call.params.get("Tags"))


def key(call: Call) -> str:
    """ARN of the key of a call."""
    return key_arn(call, call.text("KeyId"))


def namespace(call: Call) -> Context:
    """The condition key cloudwatch:namespace."""
    return {"cloudwatch:namespace": (call.text("Namespace"),)}


def alarms(call: Call) -> Iterator[str]:
    """ARNs of the alarms in a call; of all alarms when it names none."""
    named = call.params.get("AlarmNames") or [call.text("AlarmName") or "*"]
    for name in named:
        yield call.arn("cloudwatch", f"alarm:{name}")


KMS = {
    **same_name(
        "kms",
        "Decrypt Encrypt GenerateDataKey GenerateDataKeyWithoutPlaintext DescribeKey GetKeyPolicy CreateGrant "
        "ListGrants GetKeyRotationStatus ListResourceTags",
        key,
    ),
    **same_name("kms", "ListKeys ListAliases CreateKey"),
}
CLOUDWATCH = {
    "PutMetricData": requires("cloudwatch:PutMetricData", context=namespace),
    **same_name("cloudwatch", "GetMetricData GetMetricStatistics ListMetrics"),
    **{
        name: requires_each(f"cloudwatch:{name}", alarms)
        for name in ("DescribeAlarms", "PutMetricAlarm", "DeleteAlarms", "DescribeAlarmHistory")
    },
}
XRAY = same_name(
    "xray",
    "PutTraceSegments PutTelemetryRecords GetSamplingRules GetSamplingTargets GetSamplingStatisticSummaries "
    "BatchGetTraces GetTraceSummaries GetTraceGraph GetServiceGraph",
)
EC2 = same_name(
    "ec2",
    "DescribeSubnets DescribeSecurityGroups DescribeVpcs DescribeNetworkInterfaces DescribeRouteTables "
    "DescribeVpcEndpoints DescribeVpcAttribute DescribeAvailabilityZones DescribeRegions DescribeTags",
)
TAGGING = {
    name: requires(f"tag:{name}")
    for name in ("GetResources", "GetTagKeys", "GetTagValues", "TagResources", "UntagResources")
}
