"""Fixtures: a landing zone with the target schema of one table."""

from __future__ import annotations

from contextlib import suppress

import pytest
from harness import World
from landing_world import LANDING_BUCKET, LandingZone, make_database


@pytest.fixture
def zone(world: World) -> LandingZone:
    """An empty landing zone with a declared table farm, and its catalog database."""
    with suppress(world.s3.exceptions.BucketAlreadyOwnedByYou):
        world.s3.create_bucket(Bucket=LANDING_BUCKET)
    make_database(world)
    zone = LandingZone(world)
    zone.declare()
    return zone
