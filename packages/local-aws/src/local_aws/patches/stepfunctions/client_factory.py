"""The factory of the clients of service tasks; moto's modules import it by name."""

import sys
from collections.abc import Callable
from typing import Any

from moto.stepfunctions.parser.asl.utils import boto_client

from local_aws.emulator.patching import PatchError, replace

# region, service, credentials of the state -> client
Factory = Callable[..., Any]


def install(client_for: Factory, *, reason: str) -> None:
    """Replace the factory in every module that imports it."""
    original = boto_client.boto_client_for
    holders = [
        module for module in list(sys.modules.values()) if vars(module).get("boto_client_for") is original
    ]
    if len(holders) < 3:
        raise PatchError(f"boto_client_for is used by {len(holders)} modules of moto, expected many")
    for module in holders:
        replace(module, "boto_client_for", client_for, reason=reason)
