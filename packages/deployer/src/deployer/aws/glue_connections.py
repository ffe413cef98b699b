"""Glue connections; an update replaces the whole definition, and passwords are never read."""

from collections.abc import Iterable
from typing import Any

from botocore.exceptions import ClientError

from deployer.aws.adapter import code_of, dropped, our_tags
from deployer.aws.clients import Clients
from deployer.aws.default_values import CONNECTION, filled
from deployer.model.names import Names
from deployer.model.permissions import ANYWHERE, Permission, Scope
from deployer.model.resources import GlueConnection


def _readable(scope: Scope) -> list[str]:
    return [
        scope.catalog,
        scope.prefixed("glue", "connection/"),
        *scope.beyond_prefix(scope.made_connections),
    ]


PERMISSIONS = (
    Permission(
        "FindInCatalog",
        "glue:GetConnections",
        lambda scope: [scope.catalog, scope.names.arn("glue", "connection/*")],
    ),
    Permission("ReadGlue", "glue:GetConnection glue:GetTags", _readable),
    Permission("WriteGlue", "glue:TagResource glue:UntagResource", lambda scope: scope.made_connections),
    Permission(
        "WriteCatalog",
        "glue:CreateConnection glue:UpdateConnection",
        lambda scope: [scope.catalog, *scope.made_connections] if scope.made_connections else (),
    ),
    # Part of SeeNetwork where functions are attached to a VPC.
    Permission(
        "SeeSubnets",
        "ec2:DescribeSubnets",
        lambda scope: ANYWHERE if scope.looks_up_zones and not scope.vpc else (),
    ),
    Permission("DeleteOwned", "glue:DeleteConnection", lambda scope: [scope.prefixed("glue", "connection/")]),
    Permission(
        "DeleteConnections",
        "glue:DeleteConnection",
        lambda scope: scope.beyond_prefix(scope.made_connections),
    ),
    Permission("DeleteFromCatalog", "glue:DeleteConnection", lambda scope: [scope.catalog]),
)


class GlueConnections:
    """Connections by name."""

    def __init__(self, clients: Clients, names: Names) -> None:
        self._clients = clients
        self._glue = clients.glue
        self._names = names

    def candidates(self, prefix: str) -> Iterable[str]:
        for page in self._glue.get_paginator("get_connections").paginate(HidePassword=True):
            yield from (item["Name"] for item in page["ConnectionList"] if item["Name"].startswith(prefix))

    def read(self, name: str) -> GlueConnection | None:
        try:
            answer = self._glue.get_connection(Name=name, HidePassword=True)["Connection"]
        except ClientError as error:
            if code_of(error) == "EntityNotFoundException":
                return None
            raise
        found = filled(CONNECTION, answer)
        place = found["PhysicalConnectionRequirements"]
        return GlueConnection(
            name=name,
            type=found.get("ConnectionType", ""),
            properties=found["ConnectionProperties"],
            subnet=place["SubnetId"],
            security_groups=tuple(sorted(place["SecurityGroupIdList"])),
            tags=our_tags(self._glue.get_tags(ResourceArn=self._arn(name))["Tags"]),
            description=found["Description"],
            zone=place["AvailabilityZone"],
        )

    def create(self, want: GlueConnection) -> None:
        self._glue.create_connection(ConnectionInput=self._input(want), Tags=dict(want.tags))

    def update(self, have: GlueConnection, want: GlueConnection) -> None:
        if _content(have) != _content(want):
            self._glue.update_connection(Name=want.name, ConnectionInput=self._input(want))
        if gone := dropped(have.tags, want.tags):
            self._glue.untag_resource(ResourceArn=self._arn(want.name), TagsToRemove=gone)
        if have.tags != want.tags:
            self._glue.tag_resource(ResourceArn=self._arn(want.name), TagsToAdd=dict(want.tags))

    def delete(self, have: GlueConnection) -> None:
        self._glue.delete_connection(ConnectionName=have.name)

    def _input(self, want: GlueConnection) -> Any:
        place = {"SubnetId": want.subnet, "SecurityGroupIdList": list(want.security_groups)}
        zone = want.zone or self._zone(want.subnet)
        return {**_content(want), "PhysicalConnectionRequirements": {**place, "AvailabilityZone": zone}}

    def _zone(self, subnet: str) -> str:
        """The zone of a subnet; Glue requires it although it follows from the subnet."""
        (found,) = self._clients.ec2.describe_subnets(SubnetIds=[subnet])["Subnets"]
        return found["AvailabilityZone"]

    def _arn(self, name: str) -> str:
        return self._names.arn("glue", f"connection/{name}")


def _content(want: GlueConnection) -> dict[str, Any]:
    """The definition without the zone, which follows from the subnet."""
    return {
        "Name": want.name,
        "Description": want.description,
        "ConnectionType": want.type,
        "ConnectionProperties": dict(want.properties),
        "PhysicalConnectionRequirements": {
            "SubnetId": want.subnet,
            "SecurityGroupIdList": list(want.security_groups),
        },
    }
