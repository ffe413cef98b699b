"""Versions of Lambda functions: snapshots of code and configuration; their numbers are never reused.

moto 5.2.5 numbers by counting what is left, shares the code between a version and the function, publishes again
after an update that changed nothing, and lets a version go while an alias points at it.
"""

import copy
import json
import threading
from typing import Any
from urllib.parse import unquote

from moto.awslambda.exceptions import InvalidParameterValueException, LambdaClientError
from moto.awslambda.models import LambdaBackend, LambdaStorage
from moto.awslambda.policy import Policy
from moto.awslambda.responses import LambdaResponse

from local_aws.emulator.patching import add, replace
from local_aws.patches.lambdas.pages import page
from local_aws.patches.lambdas.revisions import check_revision, new_revision

UNCOMPARED = (
    "Version",
    "FunctionArn",
    "LastModified",
    "RevisionId",
    "State",
    "LastUpdateStatus",
)
LOCK = threading.RLock()


class ResourceConflictError(LambdaClientError):
    """The request conflicts with the use of the resource."""

    code = 409

    def __init__(self, message: str) -> None:
        super().__init__("ResourceConflictException", message)


def install() -> None:
    """Replace publication, listing and deletion of versions, and code updates."""
    storage, backend, response = LambdaStorage, LambdaBackend, LambdaResponse
    made = storage.__init__

    def init(self: Any, region_name: str, account_id: str) -> None:
        made(self, region_name, account_id)
        self.last_numbers = {}

    replace(storage, "__init__", init, reason="the numbers already used must outlive versions and functions")
    replace(storage, "publish_version", publish, reason="numbers are used again, snapshots are not")
    delete = storage.del_function
    add(storage, "del_function_and_versions", delete, reason="del_function is asked before it deletes")
    replace(storage, "del_function", delete_checked, reason="deletes versions that an alias points at")
    replace(backend, "update_function_code", update_code, reason="changes the published version, too")
    replace(response, "publish_version", respond_publish, reason="CodeSha256 and RevisionId are ignored")
    replace(response, "list_versions_by_function", respond_list, reason="no pages, no error, no ARNs")
    qualify = staticmethod(qualified)
    replace(
        response, "_set_configuration_qualifier", qualify, reason="answers an alias with its version's ARN"
    )


def publish(self: Any, name_or_arn: str, description: str = "") -> Any:
    """A snapshot of the function under the next number, or the last version when nothing has changed since."""
    with LOCK:
        function = self.get_function_by_name_or_arn_forbid_qualifier(name_or_arn)
        versions = self._functions[function.function_name]["versions"]
        content = comparable(function)
        if versions and versions[-1].published_from == content:
            return versions[-1]
        number = self.last_numbers.get(function.function_name, 0) + 1
        self.last_numbers[function.function_name] = number
        version = snapshot(function, number)
        version.published_from = content
        version.description = description or function.description
        versions.append(version)
        self._arns[version.function_arn] = version
        return version


def comparable(function: Any) -> str:
    """Code and configuration as text, for comparison."""
    shown = function.get_configuration()
    return json.dumps({key: value for key, value in shown.items() if key not in UNCOMPARED}, default=str)


def snapshot(function: Any, number: int) -> Any:
    """A copy that later changes of the function do not affect."""
    version = copy.copy(function)
    version.code = dict(function.code)
    version.environment_vars = dict(function.environment_vars)
    version.event_invoke_config = []
    version.url_config = None
    version.set_version(number)
    version.policy = Policy(version)
    version.revision_id = new_revision()
    return version


def delete_checked(self: Any, name_or_arn: str, qualifier: str | None = None) -> None:
    """Delete a version that no alias uses, or the function with all versions and aliases."""
    with LOCK:
        arn, name, in_name = self.split_function_arn(name_or_arn)
        qualifier = in_name or qualifier
        if qualifier is None:
            self.del_function_and_versions(arn if arn.startswith("arn:") else name)
            return
        if qualifier == "$LATEST":
            message = "$LATEST version cannot be deleted without deleting the function."
            raise InvalidParameterValueException(message)
        if not qualifier.isdecimal():
            raise InvalidParameterValueException("Deletion of aliases is not currently supported.")
        holders = [alias.name for alias in self.list_aliases(name) if qualifier in versions_of(alias)]
        if holders:
            names = ", ".join(holders)
            raise ResourceConflictError(
                f"Version was not deleted because the following aliases reference it: [{names}]"
            )
        self.del_function_and_versions(name, qualifier)


def versions_of(alias: Any) -> set[str]:
    """All versions that an alias may invoke."""
    return {alias.function_version, *((alias.routing_config or {}).get("AdditionalVersionWeights") or {})}


def update_code(self: Any, function_name: str, _qualifier: str | None, body: dict[str, Any]) -> Any:
    """UpdateFunctionCode: updates the function, then publishes a version if the request asks for one."""
    function = self._lambdas.get_function_by_name_or_arn_forbid_qualifier(function_name)
    if body.get("DryRun"):
        return function.get_configuration()
    if body.get("Architectures"):
        function.architectures = body["Architectures"]
    function.update_function_code(body)
    shown = self.publish_version(function_name) if body.get("Publish") else function
    return shown.get_configuration()


def respond_publish(self: Any) -> tuple[int, dict[str, Any], str]:
    """The PublishVersion action with its two conditions."""
    name = unquote(self.path.split("/")[-2])
    body = self.json_body or {}
    with LOCK:
        function = self.backend._lambdas.get_function_by_name_or_arn_forbid_qualifier(name)
        digest = body.get("CodeSha256")
        if digest and digest != function.code_sha_256:
            raise InvalidParameterValueException(
                f"CodeSHA256 ({digest}) is different from current CodeSHA256 in $LATEST "
                f"({function.code_sha_256}). Please try again with the CodeSHA256 in $LATEST."
            )
        check_revision(function.revision_id, body.get("RevisionId"))
        version = self.backend.publish_version(name, body.get("Description") or "")
    return 201, {"status": 201}, json.dumps(version.get_configuration())


def respond_list(self: Any) -> str:
    """The ListVersionsByFunction action: $LATEST, then versions by number."""
    name = unquote(self.path.split("/")[-2])
    function = self.backend._lambdas.get_function_by_name_or_arn_forbid_qualifier(name)
    versions = self.backend.list_versions_by_function(function.function_name)
    shown = [version.get_configuration() for version in versions]
    return json.dumps(page(self, shown, "Versions"))


def qualified(shown: dict[str, Any], function_name: str, qualifier: str | None) -> dict[str, Any]:
    """A configuration with the ARN of the request; a version's ARN has its number already."""
    qualifier = function_name.split(":function:")[-1].partition(":")[2] or qualifier
    if qualifier and not qualifier.isdecimal():
        shown["FunctionArn"] = ":".join([*shown["FunctionArn"].split(":")[:7], qualifier])
    return shown
