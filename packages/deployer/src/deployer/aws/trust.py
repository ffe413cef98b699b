"""Roles that the environment file gives to services: they exist, and their service may assume them."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from deployer.aws.adapter import code_of
from deployer.aws.prerequisites import Finding
from deployer.model.permissions import Permission

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient


PERMISSIONS = (Permission("CheckRoles", "iam:GetRole", lambda scope: scope.given_roles),)


def role(iam: "IAMClient", where: str, arn: str, service: str) -> Iterable[Finding]:
    """Findings about one given role; `where` is the key that names it, `service` the service that uses it."""
    name = arn.rpartition("/")[2]
    try:
        found = iam.get_role(RoleName=name)["Role"]
    except ClientError as error:
        if code_of(error) != "NoSuchEntity":
            raise
        yield Finding(
            f"{where}: role {arn} does not exist; create it, or leave the key out and a role is made"
        )
        return
    if found["Arn"] != arn:
        yield Finding(f"{where} is {arn}, but the role's ARN is {found['Arn']}; use that one")
    # boto3 has decoded the document; the stubs declare it as text.
    document: Any = found.get("AssumeRolePolicyDocument") or {}
    if not trusts(document, service):
        yield Finding(
            f"{where}: role {arn} cannot be assumed by {service}; allow sts:AssumeRole to that service in its trust policy"
        )


def trusts(document: Mapping[str, Any], service: str) -> bool:
    """True when a statement lets the service assume the role; conditions are assumed to hold."""
    statements = _listed(document.get("Statement"))
    return any(
        item.get("Effect") == "Allow"
        and {"sts:AssumeRole", "sts:*", "*"} & set(_listed(item.get("Action")))
        and service in _listed((item.get("Principal") or {}).get("Service"))
        for item in statements
        if isinstance(item.get("Principal"), Mapping)
    )


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
