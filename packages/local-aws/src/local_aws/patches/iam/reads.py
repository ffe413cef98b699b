"""Roles are read while others are made: moto walks over a live dictionary, and requests run in threads."""

from typing import Any

from moto.iam.models import IAMBackend

from local_aws.emulator.patching import replace

REASON = "GetRole fails with 'dictionary changed size during iteration' beside CreateRole"


def install() -> None:
    """Walk over a copy of the roles."""
    replace(IAMBackend, "get_roles", roles_now, reason=REASON)


def roles_now(backend: Any) -> list[Any]:
    """The roles as they are at this moment; copying them is one step of the interpreter."""
    return list(backend.roles.values())
