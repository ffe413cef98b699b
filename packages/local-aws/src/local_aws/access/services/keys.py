"""Uses of KMS keys that services make with the caller's permissions.

https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
"""

from collections.abc import Callable, Iterator
from typing import Any

from local_aws.emulator import settings  # isort: skip - before anything of moto

from moto.kms.models import kms_backends

from local_aws.access.calls import Call
from local_aws.access.evaluation import ANY_RESOURCE, Context, Permission
from local_aws.access.services.table import Rule

OF_AWS = "alias/aws/"  # keys that AWS manages require no permission


def via_service(call: Call, service: str) -> Context:
    """The condition key kms:ViaService."""
    return {"kms:viaservice": (f"{service}.{call.region}.amazonaws.com",)}


def key_arn(call: Call, asked: str) -> str:
    """ARN of a key given by id, alias or ARN."""
    if asked.startswith("arn:") and ":key/" in asked:
        return asked
    held: Any = kms_backends[call.account or settings.ACCOUNT][call.region]
    alias = asked.rpartition(":")[2]
    name = next((key_id for key_id, item in list(held.keys.items()) if alias in item.aliases), asked)
    return call.arn("kms", f"key/{name}") if name else ANY_RESOURCE


def uses_key(service: str, actions: str, key_of: Callable[[Call], object]) -> Rule:
    """Actions on the key that encrypts a resource, when the key belongs to the account."""

    def rule(call: Call) -> Iterator[Permission]:
        asked = str(key_of(call) or "")
        if asked and OF_AWS not in asked:
            for action in actions.split():
                yield Permission(action, key_arn(call, asked), via_service(call, service))

    return rule
