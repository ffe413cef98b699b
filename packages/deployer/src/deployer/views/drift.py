"""Drift (manual changes) as lines and as a document."""

from typing import Any

from rich.text import Text

from deployer.deploying.drift import Drift, Finding
from deployer.planning.plan import Cause
from deployer.planning.privilege_diff import NO_DIFF, PrivilegeDiff, between, privileges_of
from deployer.views.description import Action, ChangeDescription, FieldChange
from deployer.views.document import privileges
from deployer.views.states import by_state
from deployer.views.terminal import details
from deployer.views.values import safe


def document(found: Drift) -> dict[str, Any]:
    """All findings for programs; fields are applied -> live."""
    return {
        "release": found.release,
        "compared": found.compared,
        "findings": [_finding(finding) for finding in found.findings],
    }


def lines(found: Drift) -> list[Text]:
    """All findings for people, and a closing sentence."""
    against = f"release {found.release}" if found.release else "the stamps (no manifest)"
    what = f"{len(found.findings)} drifted" if found.findings else "no drift"
    closing = Text(f"{what}: {found.compared} resources compared with {against}", style="bold")
    return [*(line for finding in found.findings for line in _lines(finding)), closing]


def _finding(finding: Finding) -> dict[str, Any]:
    fields = [safe(field) for field in finding.fields]
    return {
        "kind": finding.key.kind,
        "name": finding.key.name,
        "state": finding.state.value,
        "fields": [{"field": field.path, "applied": field.old, "live": field.new} for field in fields],
        "privileges": privileges(_privileges(finding)),
    }


def _lines(finding: Finding) -> list[Text]:
    head = Text(f"! {finding.key}: {finding.state.value}", style="yellow")
    return [head, *details(_as_change(finding))]


def _as_change(finding: Finding) -> ChangeDescription:
    """A finding in the form of an update."""
    fields = tuple(map(safe, finding.fields))
    states, rest = by_state(finding.applied, finding.live, fields)
    return ChangeDescription(
        action=Action.UPDATE,
        key=finding.key,
        cause=Cause.HAND,
        privileges=_privileges(finding),
        states=states,
        own=tuple(FieldChange(field, Cause.HAND) for field in rest),
    )


def _privileges(finding: Finding) -> PrivilegeDiff:
    if finding.applied is None or finding.live is None:
        return NO_DIFF
    return between(privileges_of(finding.applied), privileges_of(finding.live))
