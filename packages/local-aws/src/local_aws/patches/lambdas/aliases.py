"""Aliases of Lambda functions: conditions, routing between two versions, AWS's answers and errors.

moto 5.2.5 takes any version and any weights, never changes RevisionId and knows no filter of ListAliases.
"""

import json
import re
from typing import Any
from urllib.parse import unquote

from moto.awslambda.exceptions import InvalidParameterValueException, UnknownFunctionException
from moto.awslambda.models import LambdaAlias
from moto.awslambda.responses import LambdaResponse

from local_aws.emulator.patching import replace
from local_aws.patches.lambdas.pages import page
from local_aws.patches.lambdas.revisions import check_revision, new_revision
from local_aws.patches.lambdas.versions import LOCK, ResourceConflictError, versions_of

LATEST = "$LATEST"
NAME = re.compile(r"(?!\d+$)[a-zA-Z0-9_-]{1,128}")

Response = tuple[int, dict[str, Any], str]


def install() -> None:
    """Replace the five actions and the display of an alias."""
    reason = "statuses, conditions, routing and errors are not AWS's"
    actions = (create_alias, update_alias, get_alias, list_aliases, delete_alias)
    for action in actions:
        replace(LambdaResponse, action.__name__, action, reason=reason)
    replace(LambdaAlias, "to_json", shown, reason="an alias without routing has no RoutingConfig")


def create_alias(self: Any) -> Response:
    """The CreateAlias action."""
    body = self.json_body
    with LOCK:
        function = function_of(self, -2)
        aliases = self.backend._lambdas._get_function_aliases(function.function_name)
        name, version = body["Name"], body["FunctionVersion"]
        if not NAME.fullmatch(name):
            raise InvalidParameterValueException(f"Value '{name}' at 'name' must be a name, not a number")
        if name in aliases:
            raise ResourceConflictError(f"Alias already exists: {aliases[name].arn}")
        routing = body.get("RoutingConfig") or {}
        check_routing(self, function, version, routing)
        alias = self.backend.create_alias(
            name, function.function_name, version, body.get("Description") or "", routing
        )
        return 201, {"status": 201}, json.dumps(alias.to_json())


def update_alias(self: Any) -> Response:
    """The UpdateAlias action: settings that are not given stay."""
    body = self.json_body
    with LOCK:
        function, alias = alias_of(self)
        check_revision(alias.revision_id, body.get("RevisionId"))
        version = body.get("FunctionVersion") or alias.function_version
        routing = body["RoutingConfig"] if body.get("RoutingConfig") is not None else alias.routing_config
        check_routing(self, function, version, routing)
        alias.update(body.get("Description"), version, routing)
        alias.revision_id = new_revision()
        return 200, {}, json.dumps(alias.to_json())


def get_alias(self: Any) -> Response:
    """The GetAlias action."""
    _, alias = alias_of(self)
    return 200, {}, json.dumps(alias.to_json())


def list_aliases(self: Any) -> Response:
    """The ListAliases action: all aliases, or those that route to one version."""
    function = function_of(self, -2)
    version = self.querystring.get("FunctionVersion", [None])[0]
    aliases = self.backend.list_aliases(function.function_name)
    chosen = [alias.to_json() for alias in aliases if version is None or version in versions_of(alias)]
    return 200, {}, json.dumps(page(self, chosen, "Aliases"))


def delete_alias(self: Any) -> Response:
    """The DeleteAlias action; deleting an alias that does not exist succeeds."""
    with LOCK:
        function = function_of(self, -3)
        self.backend.delete_alias(unquote(self.path.rsplit("/", 1)[-1]), function.function_name)
        return 204, {"status": 204}, ""


def function_of(response: Any, place: int) -> Any:
    """The function that a path names."""
    name = unquote(response.path.rstrip("/").split("/")[place])
    return response.backend._lambdas.get_function_by_name_or_arn_forbid_qualifier(name)


def alias_of(response: Any) -> tuple[Any, Any]:
    """The function and the alias that a path names."""
    function = function_of(response, -3)
    name = unquote(response.path.rsplit("/", 1)[-1])
    return function, response.backend.get_alias(name, function.function_name)


def check_routing(response: Any, function: Any, version: str, routing: dict[str, Any]) -> None:
    """Check that the versions exist; with two, both must be published and the second needs a weight from 0 to 1."""
    weights = (routing or {}).get("AdditionalVersionWeights") or {}
    for wanted in (version, *weights):
        if wanted != LATEST and not response.backend._lambdas._get_version(function.function_name, wanted):
            raise UnknownFunctionException(f"{function.function_arn}:{wanted}")
    if len(weights) > 1:
        message = "Number of items in AdditionalVersionWeights cannot be greater than 1"
        raise InvalidParameterValueException(message)
    if weights and LATEST in (version, *weights):
        message = "$LATEST is not supported for an alias pointing to more than 1 version"
        raise InvalidParameterValueException(message)
    if version in weights:
        message = f"Function version {version} is already included in routing configuration."
        raise InvalidParameterValueException(f"Invalid function version {version}. {message}")
    for wanted, weight in weights.items():
        if not 0 <= weight <= 1:
            raise InvalidParameterValueException(
                f"Weight {weight} of version {wanted} is not from 0.0 to 1.0"
            )


def shown(self: Any) -> dict[str, Any]:
    """An alias as the API answers it."""
    alias = {
        "AliasArn": self.arn,
        "Name": self.name,
        "FunctionVersion": self.function_version,
        "Description": self.description,
        "RevisionId": self.revision_id,
    }
    weights = (self.routing_config or {}).get("AdditionalVersionWeights")
    return {**alias, "RoutingConfig": {"AdditionalVersionWeights": weights}} if weights else alias
