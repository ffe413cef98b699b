"""Lambda. As in AWS, a policy on `function:NAME` does not cover `function:NAME:7` or `function:NAME:live`.

https://docs.aws.amazon.com/lambda/latest/dg/lambda-api-permissions-ref.html
"""

from collections.abc import Iterator
from typing import Any

from local_aws.emulator import settings as moto_settings  # isort: skip - before anything of moto

from moto.awslambda.exceptions import UnknownAliasException, UnknownFunctionException
from moto.awslambda.models import lambda_backends

from local_aws.access.calls import Call
from local_aws.access.evaluation import Context, Permission
from local_aws.access.services.keys import key_arn, via_service
from local_aws.access.services.s3 import decrypting
from local_aws.access.services.table import (
    all_of,
    if_present,
    parameter,
    passes_role,
    requires,
    requires_each,
    same_name,
    tag_context,
)

SERVICE = "lambda.amazonaws.com"


def named(name: str, qualifier: str, call: Call) -> str:
    """ARN of a function given by name, partial ARN or ARN, with the qualifier of the call or else of the name."""
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
    """ARNs of the layers in a call."""
    yield from call.params.get("Layers") or ()


def code(call: Call) -> Iterator[Permission]:
    """Lambda reads a zip in S3 on behalf of the caller."""
    source = call.params.get("Code") or call.params
    if source.get("S3Bucket"):
        bucket, key = source["S3Bucket"], source.get("S3Key", "")
        yield Permission("s3:GetObject", f"arn:{call.partition}:s3:::{bucket}/{key}")
        yield from decrypting(call, bucket, key)


def network(call: Call) -> Iterator[Permission]:
    """The caller that attaches a function to a VPC must be allowed to describe the VPC."""
    if (call.params.get("VpcConfig") or {}).get("SubnetIds"):
        for action in ("DescribeSecurityGroups", "DescribeSubnets", "DescribeVpcs"):
            yield Permission(f"ec2:{action}")


def encryption(call: Call) -> Iterator[Permission]:
    """Lambda uses the caller's permissions to encrypt, and to create a grant of the key for itself.

    https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html
    """
    if call.text("KMSKeyArn"):
        key, via = key_arn(call, call.text("KMSKeyArn")), via_service(call, "lambda")
        yield Permission("kms:Encrypt", key, via)
        yield Permission("kms:CreateGrant", key, {**via, "kms:grantisforawsresource": ("true",)})


def redactable_fields(call: Call) -> Iterator[tuple[str, Permission]]:
    """Fields of an answer and the permission that shows them: tags, and variables encrypted with a key."""
    if call.operation == "GetFunction":
        yield "Tags", Permission("lambda:ListTags", unqualified(call))
    held: Any = lambda_backends[call.account or moto_settings.ACCOUNT][call.region]
    try:
        key = held.get_function(call.text("FunctionName"), call.text("Qualifier") or None).kms_key_arn
    except (UnknownAliasException, UnknownFunctionException):
        return
    if key:
        yield "Environment", Permission("kms:Decrypt", key_arn(call, key), via_service(call, "lambda"))


CONFIGURED = all_of(
    passes_role("Role", SERVICE), requires_each("lambda:GetLayerVersion", layers), network, encryption
)
REDACTED_OPERATIONS = frozenset({"GetFunction", "GetFunctionConfiguration"})
TABLE = {
    "CreateFunction": all_of(
        requires("lambda:CreateFunction", function, context=settings),
        if_present("Tags", requires("lambda:TagResource", function, context=settings)),
        CONFIGURED,
        code,
    ),
    "UpdateFunctionConfiguration": all_of(
        requires("lambda:UpdateFunctionConfiguration", function, context=settings), CONFIGURED
    ),
    "UpdateFunctionCode": all_of(requires("lambda:UpdateFunctionCode", function), code),
    "Invoke": requires("lambda:InvokeFunction", function),
    "InvokeAsync": requires("lambda:InvokeFunction", function),
    **same_name(
        "lambda",
        "GetFunction GetFunctionConfiguration DeleteFunction GetPolicy AddPermission RemovePermission "
        "PutFunctionEventInvokeConfig GetFunctionEventInvokeConfig DeleteFunctionEventInvokeConfig "
        "UpdateFunctionEventInvokeConfig GetRuntimeManagementConfig PutRuntimeManagementConfig "
        "PutProvisionedConcurrencyConfig GetProvisionedConcurrencyConfig DeleteProvisionedConcurrencyConfig",
        function,
    ),
    **same_name(
        "lambda",
        "PublishVersion ListVersionsByFunction CreateAlias UpdateAlias DeleteAlias GetAlias ListAliases "
        "PutFunctionConcurrency GetFunctionConcurrency DeleteFunctionConcurrency GetFunctionCodeSigningConfig "
        "ListFunctionEventInvokeConfigs ListProvisionedConcurrencyConfigs",
        unqualified,
    ),
    **same_name("lambda", "ListTags UntagResource", parameter("Resource")),
    "TagResource": requires(
        "lambda:TagResource", parameter("Resource"), context=lambda call: tag_context(call.params.get("Tags"))
    ),
    **same_name(
        "lambda", "ListFunctions ListLayers GetAccountSettings ListLayerVersions ListEventSourceMappings"
    ),
    **same_name("lambda", "PublishLayerVersion", layer),
    **same_name("lambda", "GetLayerVersion DeleteLayerVersion", layer_version),
    "GetLayerVersionByArn": requires("lambda:GetLayerVersion", layer_version),
}
