"""Versions of state machines: publication, listing and deletion, which moto 5.2.5 lacks."""

import threading
from collections.abc import Iterator
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.stepfunctions.models import StateMachine, StateMachineVersion, StepFunctionBackend
from moto.stepfunctions.responses import StepFunctionResponse
from moto.utilities.paginator import paginate

from local_aws.emulator.patching import add, replace
from local_aws.patches.stepfunctions.machines import revision_of
from local_aws.patches.stepfunctions.refusals import ConflictError, ValidationError

FIRST_REVISION = "INITIAL"
LOCK = threading.RLock()
PAGES = {
    "list_state_machine_versions": {
        "input_token": "next_token",
        "limit_key": "max_results",
        "limit_default": 100,
        "unique_attribute": ["arn"],
    }
}


def install() -> None:
    """Add three actions and publish each revision once."""
    replace(StateMachine, "publish", publish, reason="every publication makes a new version")
    listed = paginate(pagination_model=PAGES)(list_state_machine_versions)
    add(StepFunctionBackend, "list_state_machine_versions", listed, reason="moto has no list of versions")
    response = StepFunctionResponse
    add(response, "publish_state_machine_version", respond_publish, reason="moto cannot publish alone")
    add(response, "list_state_machine_versions", respond_list, reason="moto has no list of versions")
    add(response, "delete_state_machine_version", respond_delete, reason="moto cannot delete a version")


def publish(self: Any, description: str | None) -> Any:
    """The version of the current revision, created if there is none; `latest_version` points to it."""
    with LOCK:
        revision = revision_of(self)
        published = [version for version in self.versions.values() if revision_of(version) == revision]
        if published:
            self.latest_version = published[-1]
            return published[-1]
        self.latest_version_number += 1
        number = self.latest_version_number
        make: Any = StateMachineVersion  # abstract to mypy only
        version = make(source=self, version=number, description=description)
        version.revision_id = revision
        self.versions[number] = version
        self.latest_version = version
        return version


def list_state_machine_versions(self: Any, arn: str) -> list[Any]:
    """The versions of a machine, the newest first."""
    machine: Any = self.describe_state_machine(arn)
    return sorted(machine.versions.values(), key=lambda version: version.version, reverse=True)


def respond_publish(self: Any) -> ActionResult:
    """The PublishStateMachineVersion action."""
    with LOCK:
        machine = self.stepfunction_backend.describe_state_machine(self._get_param("stateMachineArn"))
        wanted, current = self._get_param("revisionId"), revision_of(machine) or FIRST_REVISION
        if wanted and wanted != current:
            raise ConflictError(
                f"Failed to publish the State Machine version for revision {wanted}. "
                f"The current State Machine revision is {current}."
            )
        version = machine.publish(self._get_param("description"))
    return ActionResult({"creationDate": version.creation_date, "stateMachineVersionArn": version.arn})


def respond_list(self: Any) -> ActionResult:
    """The ListStateMachineVersions action."""
    versions, token = self.stepfunction_backend.list_state_machine_versions(
        arn=self._get_param("stateMachineArn"),
        max_results=self._get_int_param("maxResults"),
        next_token=self._get_param("nextToken"),
    )
    shown = [
        {"stateMachineVersionArn": version.arn, "creationDate": version.creation_date} for version in versions
    ]
    return ActionResult({"stateMachineVersions": shown, "nextToken": token})


def respond_delete(self: Any) -> EmptyResult:
    """The DeleteStateMachineVersion action; deleting a version that does not exist succeeds."""
    arn = self._get_param("stateMachineVersionArn")
    machine_arn, _, number = arn.rpartition(":")
    if not number.isdecimal():
        raise ValidationError(f"a version ARN ends with its number, got '{arn}'")
    with LOCK:
        machines = [one for one in self.stepfunction_backend.state_machines if one.arn == machine_arn]
        for machine in machines:
            holders = [alias.name for alias in machine.aliases.values() if arn in routed(alias)]
            if holders:
                raise ConflictError(
                    "Version to be deleted must not be referenced by an alias. "
                    f"Current list of aliases referencing this version: [{', '.join(holders)}]"
                )
            machine.versions.pop(int(number), None)
    return EmptyResult()


def routed(alias: Any) -> Iterator[str]:
    """The ARNs of an alias's versions."""
    return (route["stateMachineVersionArn"] for route in alias.routing_configuration)
