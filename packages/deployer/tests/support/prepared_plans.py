"""A prepared plan from resources alone: no AWS, no build."""

import dataclasses
from collections.abc import Iterable
from typing import cast

from deployer.aws.account import Account
from deployer.aws.clients import Clients
from deployer.code_release.manifest import Manifest, Package
from deployer.deploying.deployment import Deployment, Prepared
from deployer.model.digests import digest_of
from deployer.model.names import names_of
from deployer.model.resources import APPLIED, Code, Function, Resource, Vpc, key_of, ownership
from deployer.planning.plan import diff
from support.environments import environment

ENVIRONMENT = environment()
NAMES = names_of(ENVIRONMENT, "aws", "111122223333")
TAGS = ownership("CERT")
FUNCTION = Function(
    name=NAMES.function("edv-check-results"),
    role="arn:aws:iam::111122223333:role/r",
    runtime="python3.13",
    architecture="x86_64",
    handler="a.b",
    memory_mb=128,
    timeout_seconds=3,
    tracing="Active",
    environment={"A": "1"},
    vpc=Vpc(),
    layers=(),
    code=Code("1" * 64),
    tags=TAGS,
)


def prepared(
    wanted: Iterable[Resource],
    existing: Iterable[Resource] = (),
    live: Manifest | None = None,
    packages: tuple[Package, ...] = (),
    canary: int | None = None,
) -> Prepared:
    """What `prepare` would give for these resources."""
    there = {key_of(item): item for item in existing}
    plan = diff(wanted, there, live.by_key if live else None)
    deployment = Deployment(ENVIRONMENT, cast("Clients", None), NAMES)
    return Prepared(deployment, cast("Account", None), plan, there, packages, live, canary=canary)


def applied(function: Function) -> Function:
    """The function with the stamp of its own deploy."""
    return dataclasses.replace(function, tags={**function.tags, APPLIED: digest_of(function)})


def manifest(resources: Iterable[Resource], packages: tuple[Package, ...] = ()) -> Manifest:
    """The record of a release that holds these."""
    return Manifest("0123456789ab", "CERT", "2026-06-01T00:00:00.000Z", packages, tuple(resources))
