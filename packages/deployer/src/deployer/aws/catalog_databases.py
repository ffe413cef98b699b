"""Databases of the Glue Data Catalog; a database that holds tables is not deleted, because tables are not ours."""

import re
from collections.abc import Iterable
from typing import Any

from botocore.exceptions import ClientError

from deployer.aws.adapter import code_of, dropped, our_tags
from deployer.aws.clients import Clients
from deployer.aws.default_values import DATABASE, filled
from deployer.errors import DeployerError
from deployer.model.names import Names
from deployer.model.permissions import Permission
from deployer.model.resources import CatalogDatabase

_OURS = re.compile(r"fsa-.+-cars(-cdc)?")
# Manual settings: an update replaces the whole definition, so they are sent again.
_KEPT = ("CreateTableDefaultPermissions", "FederatedDatabase", "LocationUri", "Parameters", "TargetDatabase")


PERMISSIONS = (
    Permission(
        "FindInCatalog",
        "glue:GetDatabases",
        lambda scope: [scope.catalog, scope.names.arn("glue", "database/*")],
    ),
    Permission(
        "ReadGlue",
        "glue:GetDatabase glue:GetTags",
        lambda scope: [scope.catalog, *scope.all_databases("database/{}")],
    ),
    Permission("WriteGlue", "glue:TagResource glue:UntagResource", lambda scope: scope.databases),
    Permission(
        "WriteCatalog",
        "glue:CreateDatabase glue:UpdateDatabase",
        lambda scope: [scope.catalog, *scope.databases],
    ),
    Permission("DeleteOwned", "glue:DeleteDatabase", lambda scope: scope.all_databases("database/{}")),
    # Glue checks the deletion of a database on everything that it holds.
    Permission(
        "DeleteFromCatalog",
        "glue:DeleteDatabase",
        lambda scope: [
            scope.catalog,
            *scope.all_databases("table/{}/*"),
            *scope.all_databases("userDefinedFunction/{}/*"),
        ],
    ),
    Permission(
        "LookIntoDatabases",
        "glue:GetTables",
        lambda scope: [
            scope.catalog,
            *scope.all_databases("database/{}"),
            *scope.all_databases("table/{}/*"),
        ],
    ),
)


class CatalogDatabases:
    """Databases by name; they are named after the data token, not after the environment's prefix."""

    def __init__(self, clients: Clients, names: Names) -> None:
        self._glue = clients.glue
        self._names = names

    def candidates(self, prefix: str) -> Iterable[str]:
        for page in self._glue.get_paginator("get_databases").paginate():
            yield from (item["Name"] for item in page["DatabaseList"] if _OURS.fullmatch(item["Name"]))

    def read(self, name: str) -> CatalogDatabase | None:
        found = self._get(name)
        if found is None:
            return None
        tags = self._glue.get_tags(ResourceArn=self._arn(name))["Tags"]
        return CatalogDatabase(name, filled(DATABASE, found)["Description"], our_tags(tags))

    def create(self, want: CatalogDatabase) -> None:
        self._glue.create_database(DatabaseInput=_input(want), Tags=dict(want.tags))

    def update(self, have: CatalogDatabase, want: CatalogDatabase) -> None:
        if have.description != want.description:
            found = self._get(want.name) or {}
            definition: Any = {name: found[name] for name in _KEPT if found.get(name)} | _input(want)
            self._glue.update_database(Name=want.name, DatabaseInput=definition)
        if gone := dropped(have.tags, want.tags):
            self._glue.untag_resource(ResourceArn=self._arn(want.name), TagsToRemove=gone)
        if have.tags != want.tags:
            self._glue.tag_resource(ResourceArn=self._arn(want.name), TagsToAdd=dict(want.tags))

    def delete(self, have: CatalogDatabase) -> None:
        if self._glue.get_tables(DatabaseName=have.name, MaxResults=1)["TableList"]:
            raise DeployerError(
                f"database {have.name} holds tables, which are not the deployer's to delete; "
                f"drop them, or remove the database's cars: tags to keep it"
            )
        self._glue.delete_database(Name=have.name)

    def _get(self, name: str) -> dict[str, Any] | None:
        try:
            return dict(self._glue.get_database(Name=name)["Database"])
        except ClientError as error:
            if code_of(error) == "EntityNotFoundException":
                return None
            raise

    def _arn(self, name: str) -> str:
        return self._names.arn("glue", f"database/{name}")


def _input(want: CatalogDatabase) -> Any:
    return {"Name": want.name, "Description": want.description}
