"""Lambda: a policy on `function:NAME` does not cover `function:NAME:7` or `function:NAME:live`, as in AWS.

https://docs.aws.amazon.com/lambda/latest/dg/lambda-api-permissions-ref.html
"""

from collections.abc import Iterator
from typing import Any

from local_aws.emulator import settings as moto_settings  # isort: skip - before anything of moto

from moto.awslambda.exceptions import UnknownAliasException, UnknownFunctionException
from moto.awslambda.models import lambda_backends

from local_aws.access.calls import Call
from local_aws.access.evaluation import Context, Need
from local_aws.access.services.keys import key_arn, through
from local_aws.access.services.s3 import decrypting
from local_aws.access.services.table import (
    every,
    given,
    need,
    need_each,
    parameter,
    passing,
    simple,
    tag_context,
)

SERVICE = "lambda.amazonaws.com"


def named(name: str, qualifier: str, call: Call) -> str:
    """ARN of a function given by name, partial ARN or ARN, with the qualifier that the name or the call has."""
    parts = name.split(":")
    rest = parts[parts.index("function") + 1 :] if "function" in parts[:-1] else parts
    full = [rest[0], *([qualifier] if qualifier else rest[1:2])]
    return call.arn("lambda", f"function:{':'.join(full)}")


def function(call: Call) -> str:
    """ARN of the function, qualified when the call is."""
    return named(call.text("FunctionName"), call.text("Qualifier"), call)


def unqualified(call: Call) -> str:
    """ARN of the function without version or alias."""
    return ":".join(named(call.text("FunctionName"), "", call).split(":")[:7])


def layer(call: Call) -> str:
    """ARN of a layer."""
    return call.arn("lambda", f"layer:{call.text('LayerName').rpartition(':')[2]}")


def layer_version(call: Call) -> str:
    """ARN of a version of a layer."""
    return call.text("Arn") or f"{layer(call)}:{call.params.get('VersionNumber', '')}"


def settings(call: Call) -> Context:
    """Condition keys of a function's configuration."""
    vpc = call.params.get("VpcConfig") or {}
    found = {
        "lambda:layer": tuple(call.params.get("Layers") or ()),
        "lambda:subnetids": tuple(vpc.get("SubnetIds") or ()),
        "lambda:securitygroupids": tuple(vpc.get("SecurityGroupIds") or ()),
        **tag_context(call.params.get("Tags")),
    }
    return {name: values for name, values in found.items() if values}


def layers(call: Call) -> Iterator[str]:
    """ARNs of the layers that a function is to have."""
    yield from call.params.get("Layers") or ()


def code(call: Call) -> Iterator[Need]:
    """Lambda reads a zip in S3 on behalf of the caller."""
    source = call.params.get("Code") or call.params
    if source.get("S3Bucket"):
        bucket, key = source["S3Bucket"], source.get("S3Key", "")
        yield Need("s3:GetObject", f"arn:{call.partition}:s3:::{bucket}/{key}")
        yield from decrypting(call, bucket, key)


def network(call: Call) -> Iterator[Need]:
    """Whoever attaches a function to a VPC must be able to see it."""
    if (call.params.get("VpcConfig") or {}).get("SubnetIds"):
        for action in ("DescribeSecurityGroups", "DescribeSubnets", "DescribeVpcs"):
            yield Need(f"ec2:{action}")


def encryption(call: Call) -> Iterator[Need]:
    """Lambda encrypts with the caller's rights, and lends itself the key with them.

    https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html
    """
    if call.text("KMSKeyArn"):
        key, via = key_arn(call, call.text("KMSKeyArn")), through(call, "lambda")
        yield Need("kms:Encrypt", key, via)
        yield Need("kms:CreateGrant", key, {**via, "kms:grantisforawsresource": ("true",)})


def shown(call: Call) -> Iterator[tuple[str, Need]]:
    """Parts of an answer that are left out for who may not see them: tags, and variables under a key."""
    if call.operation == "GetFunction":
        yield "Tags", Need("lambda:ListTags", unqualified(call))
    held: Any = lambda_backends[call.account or moto_settings.ACCOUNT][call.region]
    try:
        key = held.get_function(call.text("FunctionName"), call.text("Qualifier") or None).kms_key_arn
    except (UnknownAliasException, UnknownFunctionException):
        return
    if key:
        yield "Environment", Need("kms:Decrypt", key_arn(call, key), through(call, "lambda"))


CONFIGURED = every(passing("Role", SERVICE), need_each("lambda:GetLayerVersion", layers), network, encryption)
PARTLY_SHOWN = frozenset({"GetFunction", "GetFunctionConfiguration"})
TABLE = {
    "CreateFunction": every(
        need("lambda:CreateFunction", function, context=settings),
        given("Tags", need("lambda:TagResource", function, context=settings)),
        CONFIGURED,
        code,
    ),
    "UpdateFunctionConfiguration": every(
        need("lambda:UpdateFunctionConfiguration", function, context=settings), CONFIGURED
    ),
    "UpdateFunctionCode": every(need("lambda:UpdateFunctionCode", function), code),
    "Invoke": need("lambda:InvokeFunction", function),
    "InvokeAsync": need("lambda:InvokeFunction", function),
    **simple(
        "lambda",
        "GetFunction GetFunctionConfiguration DeleteFunction GetPolicy AddPermission RemovePermission "
        "PutFunctionEventInvokeConfig GetFunctionEventInvokeConfig DeleteFunctionEventInvokeConfig "
        "UpdateFunctionEventInvokeConfig GetRuntimeManagementConfig PutRuntimeManagementConfig "
        "PutProvisionedConcurrencyConfig GetProvisionedConcurrencyConfig DeleteProvisionedConcurrencyConfig",
        function,
    ),
    **simple(
        "lambda",
        "PublishVersion ListVersionsByFunction CreateAlias UpdateAlias DeleteAlias GetAlias ListAliases "
        "PutFunctionConcurrency GetFunctionConcurrency DeleteFunctionConcurrency GetFunctionCodeSigningConfig "
        "ListFunctionEventInvokeConfigs ListProvisionedConcurrencyConfigs",
        unqualified,
    ),
    **simple("lambda", "ListTags UntagResource", parameter("Resource")),
    "TagResource": need(
        "lambda:TagResource", parameter("Resource"), context=lambda call: tag_context(call.params.get("Tags"))
    ),
    **simple(
        "lambda", "ListFunctions ListLayers GetAccountSettings ListLayerVersions ListEventSourceMappings"
    ),
    **simple("lambda", "PublishLayerVersion", layer),
    **simple("lambda", "GetLayerVersion DeleteLayerVersion", layer_version),
    "GetLayerVersionByArn": need("lambda:GetLayerVersion", layer_version),
}
