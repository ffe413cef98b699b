"""Roles of schedules: EventBridge Scheduler refuses a role that it may not assume."""

import json
from typing import Any

from moto.iam.exceptions import NotFoundException
from moto.iam.models import iam_backends
from moto.scheduler.exceptions import ValidationException

SERVICE = "scheduler.amazonaws.com"


def check_role(account: str, arn: str, partition: str = "aws") -> None:
    """Refuse a role that does not exist or does not trust Scheduler."""
    try:
        role: Any = iam_backends[account][partition].get_role_by_arn(arn)
    except NotFoundException:
        role = None
    if role is None or SERVICE not in trusted_services(role.assume_role_policy_document):
        raise ValidationException(
            "The execution role you provide must allow AWS EventBridge Scheduler to assume the role."
        )


def trusted_services(document: str) -> set[str]:
    """The services that may assume a role, from its trust policy."""
    statements = json.loads(document)["Statement"]
    found: set[str] = set()
    for statement in statements if isinstance(statements, list) else [statements]:
        principal = statement.get("Principal")
        services = principal.get("Service", []) if isinstance(principal, dict) else []
        if statement["Effect"] == "Allow":
            found.update([services] if isinstance(services, str) else services)
    return found
