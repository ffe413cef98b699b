"""Aliases of state machines: AWS's checks, idempotency, order and errors.

moto 5.2.5 lets a second alias replace the first, takes versions that do not exist and lists the oldest first.
"""

import re
from collections.abc import Callable
from typing import Any

from moto.stepfunctions.models import StateMachineAlias, StepFunctionBackend
from moto.stepfunctions.responses import StepFunctionResponse
from moto.stepfunctions.utils import PAGINATION_MODEL
from moto.utilities.paginator import paginate

from local_aws.emulator.patching import replace
from local_aws.patches.stepfunctions.refusals import ConflictError, ResourceNotFoundError, ValidationError
from local_aws.patches.stepfunctions.versions import LOCK, routed

NAME = re.compile(r"(?=.*[a-zA-Z_\-\.])[a-zA-Z0-9_\-\.]{1,80}")


def install() -> None:
    """Replace creation, lookup, listing and checks of aliases."""
    backend = StepFunctionBackend
    reason = "replaces an alias of the same name, takes versions that do not exist"
    replace(backend, "create_state_machine_alias", create_alias, reason=reason)
    update = backend.update_state_machine_alias
    replace(backend, "update_state_machine_alias", updating(update), reason="takes any version")
    replace(backend, "describe_state_machine_alias", find_alias, reason="another error than AWS's")
    delete = backend.delete_state_machine_alias
    replace(backend, "delete_state_machine_alias", deleting(delete), reason="another error than AWS's")
    listed = paginate(pagination_model=PAGINATION_MODEL)(list_state_machine_aliases)
    replace(backend, "list_state_machine_aliases", listed, reason="oldest first, no filter by version")
    check = StepFunctionResponse._validate_routing_configuration
    reason = "takes one version twice, and weights below 0"
    replace(StepFunctionResponse, "_validate_routing_configuration", checking(check), reason=reason)


def create_alias(self: Any, name: str, routing: list[dict[str, Any]], description: str | None) -> Any:
    """A new alias. A repeated identical request succeeds; another alias of that name is a conflict."""
    if not NAME.fullmatch(name):
        raise ValidationError(f"Value '{name}' at 'name' must be a name of 1 to 80 characters, no number")
    with LOCK:
        machine = machine_of(self, routing)
        old = machine.aliases.get(name)
        if old is None:
            make: Any = StateMachineAlias  # abstract to mypy only
            machine.aliases[name] = make(name, machine.arn, routing, description)
        elif (old.routing_configuration, old.description) != (routing, description):
            raise ConflictError(
                f"Failed to create alias because an alias with the same name and a different routing "
                f"configuration or description already exists: '{old.arn}'"
            )
        return machine.aliases[name]


def machine_of(backend: Any, routing: list[dict[str, Any]]) -> Any:
    """The machine whose versions are routed to; all of them must exist."""
    found = None
    for route in routing:
        machine_arn, _, number = route["stateMachineVersionArn"].rpartition(":")
        machines = (one for one in backend.state_machines if one.arn == machine_arn)
        found = next((one for one in machines if number.isdecimal() and int(number) in one.versions), None)
        if found is None:
            arn = route["stateMachineVersionArn"]
            raise ResourceNotFoundError(f"Request references a resource that does not exist: '{arn}'")
    return found


def find_alias(self: Any, arn: str) -> Any:
    """The alias of that ARN."""
    machine_arn, _, name = arn.rpartition(":")
    self._validate_machine_arn(machine_arn)
    for machine in self.state_machines:
        if machine.arn == machine_arn and name in machine.aliases:
            return machine.aliases[name]
    raise ResourceNotFoundError(f"Request references a resource that does not exist: '{arn}'")


def updating(update: Callable[..., Any]) -> Callable[..., Any]:
    """update_state_machine_alias for versions of its own machine only."""

    def update_alias(
        self: Any, arn: str, description: str | None, routing_configuration: list[dict[str, Any]] | None
    ) -> Any:
        with LOCK:
            alias = find_alias(self, arn)
            if routing_configuration:
                machine = machine_of(self, routing_configuration)
                if machine.arn != alias.statemachine_arn:
                    raise ValidationError(f"'{arn}' can only point at versions of its own state machine")
            return update(self, arn, description, routing_configuration)

    return update_alias


def deleting(delete: Callable[..., None]) -> Callable[..., None]:
    """delete_state_machine_alias that checks first that the alias exists."""

    def delete_alias(self: Any, arn: str) -> None:
        with LOCK:
            find_alias(self, arn)
            delete(self, arn)

    return delete_alias


def list_state_machine_aliases(self: Any, arn: str) -> list[Any]:
    """The aliases of a machine, or those that route to one version; the newest first."""
    wanted: Any = self.describe_state_machine(arn)
    machine: Any = self.describe_state_machine(getattr(wanted, "source_arn", arn))
    aliases = [alias for alias in machine.aliases.values() if wanted is machine or arn in routed(alias)]
    return sorted(aliases, key=lambda alias: alias.creation_date, reverse=True)


def checking(check: Callable[..., None]) -> Callable[..., None]:
    """moto's checks of a routing, and two more."""

    def validate(self: Any, routing: list[dict[str, Any]]) -> None:
        arns = [route["stateMachineVersionArn"] for route in routing]
        if len(set(arns)) < len(arns):
            raise ValidationError(f"routingConfiguration names one version twice: '{arns[0]}'")
        wrong = [route["weight"] for route in routing if not 0 <= route["weight"] <= 100]
        if wrong:
            raise ValidationError(f"the weight of a route is from 0 to 100, got {wrong[0]}")
        check(self, routing)

    return validate
