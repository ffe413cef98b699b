"""Connections, databases and tables of Glue, with AWS's behaviour.

moto 5.2.5 has no UpdateConnection and no DeleteConnection, shows connections without their type, tells database names
apart by case, and updates a table whatever version the caller has read.
"""

from collections.abc import Callable
from threading import Lock
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.core.responses import EmptyResult
from moto.core.utils import utcnow
from moto.glue.exceptions import EntityNotFoundException, InvalidInputException
from moto.glue.models import FakeConnection, GlueBackend
from moto.glue.responses import GlueResponse

from local_aws.emulator.patching import add, replace

SHOWN = ("ConnectionType", "MatchCriteria", "PhysicalConnectionRequirements", "AuthenticationConfiguration")


def install() -> None:
    """Add two actions; fix the display of connections and the lookup of databases."""
    add(GlueResponse, "update_connection", update_connection, reason="moto has no UpdateConnection")
    add(GlueResponse, "delete_connection", delete_connection, reason="moto has no DeleteConnection")
    shown = FakeConnection.as_dict
    replace(
        FakeConnection, "as_dict", showing_connection(shown), reason="no ConnectionType, empty properties"
    )
    for name in ("create_database", "get_database", "update_database", "delete_database"):
        lower_cased = lower_casing(getattr(GlueBackend, name))
        replace(GlueBackend, name, lower_cased, reason="AWS folds the names of databases to lower case")
    checked = checking_version(GlueResponse.update_table)
    replace(
        GlueResponse,
        "update_table",
        checked,
        reason="moto ignores VersionId, on which Iceberg's commits rest",
    )


def update_connection(self: Any) -> EmptyResult:
    """The UpdateConnection action: the whole definition is replaced, its creation time and tags stay."""
    name, wanted = self._get_param("Name"), self._get_param("ConnectionInput")
    connections = self.glue_backend.connections
    old = found(connections, name)
    if wanted["Name"] != name:
        message = f"a connection cannot be renamed, got {wanted['Name']} for {name}"
        raise InvalidInputException("UpdateConnection", message)
    new = FakeConnection(self.glue_backend, old.catalog_id, wanted, {})
    new.created_time = old.created_time
    new.updated_time = utcnow()
    connections[name] = new
    return EmptyResult()


def delete_connection(self: Any) -> EmptyResult:
    """The DeleteConnection action."""
    name = self._get_param("ConnectionName")
    connection = found(self.glue_backend.connections, name)
    self.glue_backend.tagger.delete_all_tags_for_resource(connection.arn)
    del self.glue_backend.connections[name]
    return EmptyResult()


def found(connections: dict[str, Any], name: str) -> Any:
    """The connection of that name."""
    if name not in connections:
        raise EntityNotFoundException(f"Connection {name} not found.")
    return connections[name]


def showing_connection(as_dict: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """A connection with its type and without empty properties."""

    def show(self: Any, hide_password: bool = False) -> dict[str, Any]:
        own = {key: self.connection_input.get(key) for key in SHOWN}
        shown = {**as_dict(self, hide_password), **own}
        return {key: value for key, value in shown.items() if value}

    return show


def checking_version(action: Callable[..., Any]) -> Callable[..., Any]:
    """UpdateTable, which refuses a VersionId that is not the table's current one (AWS Glue API reference). One update at a
    time: of two commits on the same version one is refused.
    """
    one_at_a_time = Lock()

    def update_table(self: Any) -> Any:
        wanted = self.parameters.get("VersionId")
        with one_at_a_time:
            if wanted is not None:
                database, name = self.parameters.get("DatabaseName"), self.parameters["TableInput"]["Name"]
                current = self.glue_backend.get_table(database, name).as_dict()["VersionId"]
                if wanted != current:
                    message = (
                        f"Update table failed due to concurrent modifications: {name} has version {current}."
                    )
                    raise JsonRESTError("ConcurrentModificationException", message)
            return action(self)

    return update_table


def lower_casing(action: Callable[..., Any]) -> Callable[..., Any]:
    """An action on a database; its name is folded to lower case."""

    def lower_cased(self: Any, database_name: str, *arguments: Any, **named: Any) -> Any:
        return action(self, database_name.lower(), *arguments, **named)

    return lower_cased
