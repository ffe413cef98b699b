"""Lambda functions; one translation serves create and update, so nothing is reset by omission."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from deployer.aws.adapter import code_of, dropped, our_tags
from deployer.aws.clients import Clients
from deployer.aws.default_values import FUNCTION, filled
from deployer.errors import DeployerError
from deployer.model.names import Names
from deployer.model.permissions import ANYWHERE, Permission, anywhere, pass_role
from deployer.model.resources import Code, Function, Vpc

if TYPE_CHECKING:
    from mypy_boto3_lambda.type_defs import FunctionConfigurationTypeDef

# Digest of the zip that was sent and the CodeSha256 that Lambda answered: together they show manual changes of code.
_DIGEST = "cars:digest"
_CODE = "cars:code-sha256"


PERMISSIONS = (
    Permission("Find", "lambda:ListFunctions", anywhere),
    # GetFunction answers with tags only to callers that may list them.
    Permission(
        "ReadFunctions",
        "lambda:GetFunction lambda:ListTags",
        lambda scope: [scope.prefixed("lambda", "function:")],
    ),
    Permission(
        "WriteFunctions",
        "lambda:CreateFunction lambda:TagResource lambda:UntagResource lambda:UpdateFunctionCode "
        "lambda:UpdateFunctionConfiguration",
        lambda scope: scope.functions,
    ),
    # Lambda checks these of the caller that attaches a function to a VPC.
    Permission(
        "SeeNetwork",
        "ec2:DescribeSecurityGroups ec2:DescribeSubnets ec2:DescribeVpcs",
        lambda scope: ANYWHERE if scope.vpc else (),
    ),
    pass_role("lambda"),
    # Variables are encrypted by Lambda, which decrypts them by a grant when a function starts.
    Permission("ReadEncrypted", "kms:Decrypt", lambda scope: scope.key),
    Permission("EncryptVariables", "kms:Encrypt", lambda scope: scope.key),
    Permission("LendKey", "kms:CreateGrant", lambda scope: scope.key),
    Permission("DeleteOwned", "lambda:DeleteFunction", lambda scope: [scope.prefixed("lambda", "function:")]),
)


class Functions:
    """Functions by name; code is identified by the digest of its uncompressed content."""

    def __init__(self, clients: Clients, names: Names) -> None:
        self._lambda = clients.functions
        self._names = names

    def candidates(self, prefix: str) -> Iterable[str]:
        for page in self._lambda.get_paginator("list_functions").paginate():
            yield from (
                item["FunctionName"] for item in page["Functions"] if item["FunctionName"].startswith(prefix)
            )

    def read(self, name: str) -> Function | None:
        try:
            found = self._lambda.get_function(FunctionName=name)
        except ClientError as error:
            if code_of(error) == "ResourceNotFoundException":
                return None
            raise
        return from_aws(found["Configuration"], found.get("Tags", {}))

    def create(self, want: Function) -> None:
        made = self._lambda.create_function(
            **to_aws(want),
            Code={"S3Bucket": want.code.bucket, "S3Key": want.code.key},
            PackageType="Zip",
            Architectures=[want.architecture],  # type: ignore[list-item]
            Tags=dict(want.tags),
        )
        self._lambda.get_waiter("function_active_v2").wait(FunctionName=want.name)
        self._stamp(want, made["CodeSha256"])

    def update(self, have: Function, want: Function) -> None:
        self._settled(want)
        if gone := dropped(have.tags, want.tags):
            self._lambda.untag_resource(Resource=self._arn(want), TagKeys=gone)
        if to_aws(have) != to_aws(want):
            self._lambda.update_function_configuration(**to_aws(want))
            self._settled(want)
        if (have.code, have.architecture) != (want.code, want.architecture):
            self._update_code(want)
        elif have.tags != want.tags:
            self._lambda.tag_resource(Resource=self._arn(want), Tags=dict(want.tags))

    def delete(self, have: Function) -> None:
        self._lambda.delete_function(FunctionName=have.name)

    def _update_code(self, want: Function) -> None:
        made = self._lambda.update_function_code(
            FunctionName=want.name,
            S3Bucket=want.code.bucket,
            S3Key=want.code.key,
            Architectures=[want.architecture],  # type: ignore[list-item]
        )
        self._settled(want)
        self._stamp(want, made["CodeSha256"])

    def _settled(self, want: Function) -> None:
        self._lambda.get_waiter("function_updated_v2").wait(FunctionName=want.name)

    def _stamp(self, want: Function, code_sha256: str) -> None:
        tags = {**want.tags, _DIGEST: want.code.digest, _CODE: code_sha256}
        self._lambda.tag_resource(Resource=self._arn(want), Tags=tags)

    def _arn(self, want: Function) -> str:
        return self._names.function_arn(want.name)


def to_aws(want: Function) -> Any:
    """Arguments common to CreateFunction and UpdateFunctionConfiguration; every setting is always sent."""
    return {
        "FunctionName": want.name,
        "Role": want.role,
        "Runtime": want.runtime,
        "Handler": want.handler,
        "Description": want.description,
        "MemorySize": want.memory_mb,
        "Timeout": want.timeout_seconds,
        "EphemeralStorage": {"Size": want.storage_mb},
        "TracingConfig": {"Mode": want.tracing},
        "Environment": {"Variables": dict(want.environment)},
        "VpcConfig": {
            "SubnetIds": list(want.vpc.subnets),
            "SecurityGroupIds": list(want.vpc.security_groups),
        },
        "Layers": list(want.layers),
        "KMSKeyArn": want.kms_key,
    }


def from_aws(answer: "FunctionConfigurationTypeDef", tags: dict[str, str]) -> Function:
    """A function from Lambda's answer. Raises DeployerError when its variables cannot be decrypted."""
    found = filled(FUNCTION, answer)
    if "Error" in found["Environment"]:
        problem = found["Environment"]["Error"].get("Message", "unknown reason")
        raise DeployerError(
            f"function {found['FunctionName']}: its variables cannot be read: {problem}; "
            f"allow kms:Decrypt on the function's key"
        )
    vpc = found["VpcConfig"]
    return Function(
        name=found["FunctionName"],
        role=found["Role"],
        runtime=found["Runtime"],
        architecture=found["Architectures"][0],
        handler=found["Handler"],
        memory_mb=found["MemorySize"],
        timeout_seconds=found["Timeout"],
        storage_mb=found["EphemeralStorage"]["Size"],
        tracing=found["TracingConfig"]["Mode"],
        environment=found["Environment"]["Variables"],
        vpc=Vpc(tuple(sorted(vpc["SubnetIds"])), tuple(sorted(vpc["SecurityGroupIds"]))),
        layers=tuple(layer["Arn"] for layer in found["Layers"]),
        code=Code(_digest(tags, found["CodeSha256"])),
        tags=our_tags(tags, without=(_DIGEST, _CODE)),
        description=found["Description"],
        kms_key=found["KMSKeyArn"],
    )


def _digest(tags: dict[str, str], code_sha256: str) -> str:
    if _DIGEST not in tags:
        return "unknown (deployed by other means)"
    return tags[_DIGEST] if tags.get(_CODE) == code_sha256 else "changed outside the deployer"
