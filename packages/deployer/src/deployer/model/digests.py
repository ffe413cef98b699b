"""A resource as fields by dotted path, and digests over them."""

import dataclasses
import hashlib
import json
from collections.abc import Mapping

from deployer.model.resources import APPLIED, Document, Resource, Untagged, tags_of

_EMPTY: tuple[object, ...] = (None, "", (), 0, False)


def flatten(value: object, path: str = "") -> dict[str, object]:
    """Fields of a resource or document by dotted path; fields that do not take part in `!=` are left out."""
    children = _children(value)
    if children is None:
        return {path: value}
    fields: dict[str, object] = {}
    for name, child in children.items():
        fields.update(flatten(child, f"{path}.{name}" if path else str(name)))
    return fields


def digest_of(resource: Resource) -> str:
    """16 hex digits over the fields of the resource, without the stamp that holds this digest.

    Empty values do not count, so that a field added by a later deployer does not change the digest.
    """
    return _digest({path: value for path, value in flatten(resource).items() if path != f"tags.{APPLIED}"})


def content_digest(resource: Resource) -> str:
    """The same without tags: the content of a published version."""
    return _digest({path: value for path, value in flatten(resource).items() if not path.startswith("tags.")})


def _digest(fields: Mapping[str, object]) -> str:
    filled = {path: value for path, value in fields.items() if value not in _EMPTY}
    text = json.dumps(filled, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def stamped(resource: Resource) -> Resource:
    """The resource with its digest among its tags, if its kind has tags."""
    if isinstance(resource, Untagged):
        return resource
    return dataclasses.replace(resource, tags={**resource.tags, APPLIED: digest_of(resource)})


def stamp_of(resource: Resource) -> str | None:
    """The digest of what was last applied, None without one."""
    return tags_of(resource).get(APPLIED)


def edited(resource: Resource) -> bool:
    """True when a resource differs from what was last applied: it was changed by hand."""
    stamp = stamp_of(resource)
    return stamp is not None and stamp != digest_of(resource)


def _children(value: object) -> Mapping[str, object] | None:
    if isinstance(value, Document):
        return _children(value.value())
    if dataclasses.is_dataclass(value):
        return {
            field.name: getattr(value, field.name) for field in dataclasses.fields(value) if field.compare
        }
    if isinstance(value, Mapping):
        return {str(name): child for name, child in value.items()}
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        return {str(index): item for index, item in enumerate(value)}
    return None
