"""Roles can be listed while others are created: moto iterates over a live dictionary, and requests run in threads."""

from typing import Any

from moto.iam.models import IAMBackend

from local_aws.emulator.patching import replace

REASON = "GetRole fails with 'dictionary changed size during iteration' beside CreateRole"


def install() -> None:
    """Iterate over a copy of the roles."""
    replace(IAMBackend, "get_roles", roles_now, reason=REASON)


def roles_now(backend: Any) -> list[Any]:
    """A copy of the roles; the interpreter makes it in one step, so no thread changes them meanwhile."""
    return list(backend.roles.values())
