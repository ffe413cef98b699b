"""Tags of Glue resources: deleted with the resource, refused for resources that do not exist.

moto 5.2.5 keeps the tags of what was deleted: the next job of that name has them from the start.
"""

from collections.abc import Callable
from typing import Any

from moto.glue.exceptions import EntityNotFoundException
from moto.glue.models import GlueBackend
from moto.glue.responses import GlueResponse

from local_aws.emulator.patching import replace


def install() -> None:
    """Delete tags with their resource; check that the resource exists before tags are read or written."""
    for kind in ("job", "database"):
        delete = f"delete_{kind}"
        replace(
            GlueBackend, delete, deleting_tags(kind, getattr(GlueBackend, delete)), reason="tags stay behind"
        )
    for name in ("get_tags", "tag_resource", "untag_resource"):
        action = checking_resource(getattr(GlueResponse, name))
        replace(GlueResponse, name, action, reason="what is not there has tags, too")


def deleting_tags(kind: str, delete: Callable[[Any, str], None]) -> Callable[[Any, str], None]:
    """A deletion that deletes the tags as well."""

    def deleted(self: Any, name: str) -> None:
        delete(self, name)
        known = name.lower() if kind == "database" else name  # AWS folds the names of databases
        arn = f"arn:{self.partition}:glue:{self.region_name}:{self.account_id}:{kind}/{known}"
        self.tagger.delete_all_tags_for_resource(arn)

    return deleted


def checking_resource(action: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """An action on the tags of an existing job, database or connection; other kinds are not checked."""

    def checked(self: Any) -> Any:
        arn = self._get_param("ResourceArn")
        kind, _, name = arn.split(":")[-1].partition("/")
        backend = self.glue_backend
        known = {"job": backend.jobs, "database": backend.databases, "connection": backend.connections}
        if kind in known and name not in known[kind]:
            raise EntityNotFoundException(f"Resource {arn} not found.")
        return action(self)

    return checked
