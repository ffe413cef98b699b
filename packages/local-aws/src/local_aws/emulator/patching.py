"""The functions with which patches change moto."""

import importlib.metadata
from typing import Any

from local_aws.emulator.settings import MOTO_VERSION
from local_aws.errors import LocalAwsError


class PatchError(LocalAwsError):
    """moto differs from what the patches were written for."""


def check_version(found: str | None = None) -> None:
    """Raise when moto is another version than the one the patches were written for."""
    version = found or importlib.metadata.version("moto")
    if version != MOTO_VERSION:
        raise PatchError(
            f"moto is {version}, the patches were written for {MOTO_VERSION}; "
            f"check every module of local_aws.patches against it, then change MOTO_VERSION"
        )


def replace(owner: Any, name: str, new: Any, *, reason: str) -> Any:
    """Replace an attribute that must exist, and return the old one. The reason is for the reader."""
    if not reason:
        raise PatchError(f"{owner.__name__}.{name} is replaced without a reason")
    old = getattr(owner, name, None)
    if old is None:
        raise PatchError(f"moto has no {owner.__name__}.{name} to replace: {reason}")
    setattr(owner, name, new)
    return old


def add(owner: Any, name: str, new: Any, *, reason: str) -> None:
    """Add an attribute that must not exist yet."""
    if not reason:
        raise PatchError(f"{owner.__name__}.{name} is added without a reason")
    if hasattr(owner, name):
        raise PatchError(
            f"moto has {owner.__name__}.{name} now; drop ours, which was added because: {reason}"
        )
    setattr(owner, name, new)
