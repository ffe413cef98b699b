"""State machines: revisions, idempotent CreateStateMachine, answers with revisionId, complete deletion.

moto 5.2.5 knows no revisions, answers a CreateStateMachine with another definition as if it had been made, lets an
update change a published version, and gives a new machine the tags of a deleted one.
"""

import uuid
from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.stepfunctions.models import StateMachine, StepFunctionBackend
from moto.stepfunctions.parser.models import StepFunctionsParserBackend
from moto.stepfunctions.responses import StepFunctionResponse

from local_aws.emulator.patching import replace
from local_aws.patches.stepfunctions.refusals import (
    MissingRequiredParameterError,
    StateMachineAlreadyExistsError,
    ValidationError,
)

REVISED = (
    "definition",
    "roleArn",
    "loggingConfiguration",
    "tracingConfiguration",
    "encryptionConfiguration",
)
COMPARED = ("definition", "loggingConfiguration", "tracingConfiguration", "encryptionConfiguration")


def install() -> None:
    """Replace creation, update, display and deletion of machines."""
    machine, backend, response = StateMachine, StepFunctionBackend, StepFunctionResponse
    replace(machine, "update", update_machine, reason="no revisions")
    create = StepFunctionsParserBackend.create_state_machine
    reason = "a machine with another definition is answered as if it had been made"
    replace(StepFunctionsParserBackend, "create_state_machine", creating(create), reason=reason)
    update = StepFunctionsParserBackend.update_state_machine
    reason = "versions can be changed, and an update without a change has no error code"
    replace(StepFunctionsParserBackend, "update_state_machine", updating(update), reason=reason)
    delete = backend.delete_state_machine
    replace(backend, "delete_state_machine", deleting(delete), reason="tags outlive their machine")
    show = response._describe_state_machine
    replace(response, "_describe_state_machine", describing(show), reason="no revisionId")
    made, changed = response.create_state_machine, response.update_state_machine
    replace(response, "create_state_machine", answering_create(made), reason="a version nobody asked for")
    replace(response, "update_state_machine", answering_update(changed), reason="no revisionId")


def revision_of(machine: Any) -> str | None:
    """The current revision; the first one has no id."""
    return getattr(machine, "revision_id", None)


def update_machine(self: Any, **changes: Any) -> None:
    """Apply the changes; a changed definition or setting that versions store makes a new revision."""
    changes = {key: value for key, value in changes.items() if value is not None}
    if any(getattr(self, key) != value for key, value in changes.items() if key in REVISED):
        self.revision_id = str(uuid.uuid4())
    for key, value in changes.items():
        setattr(self, key, value)
    self.update_date = utcnow()


def creating(create: Callable[..., Any]) -> Callable[..., Any]:
    """create_state_machine that distinguishes a repeated request from another machine of the same name."""

    def create_state_machine(self: Any, name: str, **wanted: Any) -> Any:
        old = next((machine for machine in self.state_machines if machine.name == name), None)
        machine = create(self, name=name, **wanted)
        if old is None:
            return machine
        given = {key: wanted[key] for key in COMPARED if wanted.get(key)}
        same = all(getattr(old, key) == value for key, value in given.items())
        if not same or (wanted.get("sm_type") or "STANDARD") != old.type:
            raise StateMachineAlreadyExistsError(f"State Machine Already Exists: '{old.arn}'")
        if wanted.get("publish"):
            old.publish(wanted.get("version_description"))
        return old

    return create_state_machine


def updating(update: Callable[..., Any]) -> Callable[..., Any]:
    """update_state_machine that refuses versions and aliases."""

    def update_state_machine(self: Any, arn: str, *arguments: Any, **changes: Any) -> Any:
        if is_qualified(arn):
            raise ValidationError(f"UpdateStateMachine takes no version and no alias, got '{arn}'")
        if not arguments and not any(
            value for key, value in changes.items() if key not in ("publish", "version_description")
        ):
            raise MissingRequiredParameterError(
                "Either the definition, the role ARN, the LoggingConfiguration, the EncryptionConfiguration "
                "or the TracingConfiguration must be specified"
            )
        return update(self, arn, *arguments, **changes)

    return update_state_machine


def deleting(delete: Callable[..., None]) -> Callable[..., None]:
    """delete_state_machine that also deletes the tags; versions and aliases are part of the machine."""

    def delete_state_machine(self: Any, arn: str) -> None:
        if is_qualified(arn):
            raise ValidationError(f"DeleteStateMachine takes no version and no alias, got '{arn}'")
        delete(self, arn)
        self.tagger.delete_all_tags_for_resource(arn)

    return delete_state_machine


def is_qualified(arn: str) -> bool:
    """Whether an ARN names a version or an alias."""
    return len(arn.split(":")) > 7


def describing(show: Callable[..., ActionResult]) -> Callable[..., ActionResult]:
    """DescribeStateMachine with the revision."""

    def describe(self: Any, arn: str) -> ActionResult:
        answer: Any = show(self, arn).result
        return ActionResult(with_revision(answer, self.stepfunction_backend.describe_state_machine(arn)))

    return describe


def answering_create(create: Callable[..., ActionResult]) -> Callable[..., ActionResult]:
    """CreateStateMachine that returns a version only when the request publishes one."""

    def create_state_machine(self: Any) -> ActionResult:
        answer: Any = create(self).result
        if not self._get_param("publish"):
            answer.pop("stateMachineVersionArn", None)
        return ActionResult(answer)

    return create_state_machine


def answering_update(update: Callable[..., ActionResult]) -> Callable[..., ActionResult]:
    """UpdateStateMachine with the new revision."""

    def update_state_machine(self: Any) -> ActionResult:
        answer: Any = update(self).result
        machine = self.stepfunction_backend.describe_state_machine(self._get_param("stateMachineArn"))
        return ActionResult(with_revision(answer, machine))

    return update_state_machine


def with_revision(answer: dict[str, Any], machine: Any) -> dict[str, Any]:
    """An answer with revisionId; the first revision has none."""
    revision = revision_of(machine)
    return {**answer, "revisionId": revision} if revision else answer
