"""Finds the target schema in the places where it may lie."""

from __future__ import annotations

from collections.abc import Sequence

from edv_build_processing_plan.config_release import Store
from edv_build_processing_plan.errors import BadSchema


def read_schema(places: Sequence[tuple[Store, str]]) -> tuple[bytes, str]:
    """The first target schema that exists, and its address. Raises BadSchema that names every place."""
    for store, name in places:
        data = store.read(name)
        if data is not None:
            return data, store.where(name)
    tried = " and ".join(store.where(name) for store, name in places)
    raise BadSchema(f"there is no target schema, looked for {tried}; put the file into one of these places")
