"""KMS keys of log groups, and deletion of their tags; moto 5.2.5 has neither."""

from collections.abc import Callable
from typing import Any

from moto.logs.exceptions import ResourceNotFoundException
from moto.logs.models import LogsBackend
from moto.logs.responses import LogsResponse

from local_aws.emulator.patching import add, replace


def install() -> None:
    """Add the missing actions."""
    add(LogsResponse, "associate_kms_key", associate_kms_key, reason="moto has no AssociateKmsKey")
    add(LogsResponse, "disassociate_kms_key", disassociate_kms_key, reason="moto has no DisassociateKmsKey")
    deleted = deleting_tags(LogsBackend.delete_log_group)
    replace(LogsBackend, "delete_log_group", deleted, reason="the next group of that name has its tags")


def associate_kms_key(self: Any) -> str:
    """Set the key with which new events are encrypted."""
    _group(self).kms_key_id = self._get_param("kmsKeyId")
    return ""


def disassociate_kms_key(self: Any) -> str:
    """Remove the key: new events are encrypted with the service's own."""
    _group(self).kms_key_id = None
    return ""


def deleting_tags(delete: Callable[[Any, str], None]) -> Callable[[Any, str], None]:
    """A deletion that deletes the tags as well."""

    def delete_log_group(self: Any, log_group_name: str) -> None:
        group = self.groups.get(log_group_name)
        delete(self, log_group_name)
        self.tagger.delete_all_tags_for_resource(group.arn)

    return delete_log_group


def _group(response: Any) -> Any:
    group = response.logs_backend.groups.get(response._get_param("logGroupName"))
    if group is None:
        raise ResourceNotFoundException
    return group
