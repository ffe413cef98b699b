"""Wanted Data Catalog databases, and Glue connections whose entries in the file are complete."""

from collections.abc import Iterable

from deployer.blueprint.connections import lacking, resolved
from deployer.blueprint.tags import tags_of
from deployer.environment_file import Environment
from deployer.environment_file.glue import Connection
from deployer.model.names import catalog_databases
from deployer.model.resources import CatalogDatabase, GlueConnection


def databases(environment: Environment) -> Iterable[CatalogDatabase]:
    """Databases of the final and the change zone; environments with the same data token share them."""
    words = ("CARS: current rows", "CARS: changes by day")
    for name, description in zip(catalog_databases(environment.env), words, strict=True):
        yield CatalogDatabase(name, description, tags_of(environment))


def connections(environment: Environment) -> Iterable[GlueConnection]:
    """A connection for each complete entry; its subnet is the first of the entry."""
    for entry in resolved(environment.config.glue):
        if lacking(entry) is None:
            yield GlueConnection(
                name=entry.name,
                type=entry.type or "",
                properties=_properties(entry),
                subnet=entry.subnet_ids[0],
                security_groups=tuple(sorted(entry.security_group_ids)),
                tags=tags_of(environment),
                description="Network access of the CARS data mart job",
                zone=entry.availability_zone or "",
            )


def _properties(entry: Connection) -> dict[str, str]:
    if entry.type != "JDBC":
        return {}
    return {"JDBC_CONNECTION_URL": entry.jdbc_url or "", "SECRET_ID": entry.secret_id or ""}


def shared(environment: Environment) -> set[str]:
    """Names of resources that are used unchanged when they exist and belong to somebody else."""
    made = {connection.name for connection in connections(environment)}
    return made | set(catalog_databases(environment.env))
