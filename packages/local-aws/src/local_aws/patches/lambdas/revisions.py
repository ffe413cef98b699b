"""RevisionId of Lambda functions: moto has none, so conditional updates are impossible."""

import uuid
from collections.abc import Callable
from typing import Any

from moto.awslambda.exceptions import PreconditionFailedException
from moto.awslambda.models import LambdaBackend, LambdaFunction

from local_aws.emulator.patching import replace

REASON = "moto's functions have no RevisionId"


def install() -> None:
    """Give functions a revision that changes with every update; check it before an update."""
    function, backend = LambdaFunction, LambdaBackend
    for name in ("__init__", "update_configuration", "update_function_code"):
        replace(function, name, changing_revision(getattr(function, name)), reason=REASON)
    replace(function, "get_configuration", showing(function.get_configuration), reason=REASON)
    for name in ("update_function_configuration", "update_function_code"):
        replace(backend, name, checking(getattr(backend, name)), reason=REASON)


def new_revision() -> str:
    """A new unique id."""
    return str(uuid.uuid4())


def check_revision(have: str, wanted: str | None) -> None:
    """Refuse an update that names another revision than the current one."""
    if wanted and wanted != have:
        raise PreconditionFailedException(
            "The RevisionId provided does not match the latest RevisionId. "
            "Call the GetFunction/GetAlias API to retrieve the latest RevisionId"
        )


def changing_revision(change: Callable[..., Any]) -> Callable[..., Any]:
    """An update of a function that sets a new revision."""

    def changed(self: Any, *arguments: Any, **named: Any) -> Any:
        self.revision_id = new_revision()
        return change(self, *arguments, **named)

    return changed


def showing(shown: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """get_configuration with RevisionId."""

    def get_configuration(self: Any, *arguments: Any, **named: Any) -> dict[str, Any]:
        return {**shown(self, *arguments, **named), "RevisionId": self.revision_id}

    return get_configuration


def checking(update: Callable[..., Any]) -> Callable[..., Any]:
    """An update of the backend that checks the request's RevisionId first."""

    def checked(self: Any, function_name: str, qualifier: str | None, body: dict[str, Any]) -> Any:
        latest = self._lambdas.get_function_by_name_or_arn_forbid_qualifier(function_name)
        check_revision(latest.revision_id, body.get("RevisionId"))
        return update(self, function_name, qualifier, body)

    return checked
