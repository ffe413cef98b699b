"""Attributes of SQS queues: other updates keep the policy, and one kind of encryption excludes the other.

moto 5.2.5 drops the policy with every other change and RedriveAllowPolicy always.
"""

from collections.abc import Callable
from typing import Any

from moto.sqs.models import Queue

from local_aws.emulator.patching import replace


def install() -> None:
    """Replace setting and display of attributes."""
    assign = Queue._set_attributes
    replace(Queue, "_set_attributes", setting(assign), reason="the policy is lost, both encryptions are on")
    shown: Any = Queue.attributes
    reason = "RedriveAllowPolicy is not shown"
    replace(Queue, "attributes", property(showing(shown.fget)), reason=reason)


def setting(assign: Callable[..., None]) -> Callable[..., None]:
    """_set_attributes that keeps attributes that are not given."""

    def set_attributes(self: Any, attributes: dict[str, Any], now: float | None = None) -> None:
        policy = getattr(self, "policy", None)
        assign(self, attributes, now)
        if "Policy" not in attributes:
            self.policy = policy
        if attributes.get("KmsMasterKeyId"):
            self.sqs_managed_sse_enabled = False
        elif str(attributes.get("SqsManagedSseEnabled", "")).lower() == "true":
            self.kms_master_key_id = None

    return set_attributes


def showing(shown: Callable[[Any], dict[str, Any]]) -> Callable[[Any], dict[str, Any]]:
    """The attributes with the queues that may use this one as their dead-letter queue."""

    def attributes(self: Any) -> dict[str, Any]:
        allowed = getattr(self, "redrive_allow_policy", None)
        return {**shown(self), **({"RedriveAllowPolicy": allowed} if allowed else {})}

    return attributes
