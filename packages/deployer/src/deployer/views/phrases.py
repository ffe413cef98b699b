"""The words, signs and colours that all renderings share."""

from collections.abc import Iterable

from deployer.model.resources import KINDS
from deployer.planning.plan import Cause
from deployer.planning.privilege_diff import Privilege
from deployer.views.code import Dependency, PackageChange
from deployer.views.description import Action, ChangeDescription, Description

MATCHES = "nothing to do: what is deployed matches the configuration and the build"
SIGNS = {
    Action.CREATE: ("+", "green"),
    Action.UPDATE: ("~", "yellow"),
    Action.REPLACE: ("±", "magenta"),
    Action.DELETE: ("-", "red"),
}
FILES_UNKNOWN = "which files change is not known: the live release has no manifest"


def is_warning(note: str) -> bool:
    """True for a note that asks for action, for example about a guessed `env`."""
    return "warning: " in note


def why(change: ChangeDescription) -> str:
    """Why a resource changes."""
    if change.action is Action.CREATE:
        return "removed by hand" if change.cause is Cause.HAND else ""
    if change.action is Action.DELETE:
        return "no longer part of the configuration"
    return change.cause.value


def counts(description: Description) -> str:
    """`2 to create, 1 to update, 0 to replace, 0 to delete`."""
    return ", ".join(f"{description.count(action)} to {action.value}" for action in Action)


def by_kind(description: Description) -> dict[str, list[ChangeDescription]]:
    """Changes by kind, in the order of the model, under a headline that counts them."""
    groups = {
        kind.name: [change for change in description.changes if change.key.kind == kind.name]
        for kind in KINDS.values()
    }
    return {f"{kind}: {_tally_of(changes)}": changes for kind, changes in groups.items() if changes}


def by_reason(privileges: Iterable[Privilege]) -> dict[str, list[Privilege]]:
    """Privileges by reason, those without a reason first."""
    groups: dict[str, list[Privilege]] = {"": []}
    for privilege in privileges:
        groups.setdefault(privilege.reason, []).append(privilege)
    return {reason: found for reason, found in groups.items() if found}


def _tally_of(changes: list[ChangeDescription]) -> str:
    found = {action: sum(change.action is action for change in changes) for action in Action}
    return ", ".join(f"{count} to {action.value}" for action, count in found.items() if count)


def releases(description: Description) -> str:
    """The releases before and after the plan, and the share of a canary; empty without a release."""
    old, new = description.from_release, description.release
    if new is None:
        return f"release {old} is removed" if old else ""
    share = f", canary {description.canary} %" if description.canary is not None else ""
    if old == new:
        return f"release {new}{share}"
    return f"release {f'{old} -> ' if old else ''}{new}{share}"


def manual_changes(description: Description) -> str:
    """A sentence about manual changes that the plan undoes; empty when there are none."""
    found = len(description.changed_manually)
    if not found:
        return ""
    what = "1 resource was" if found == 1 else f"{found} resources were"
    return f"{what} changed by hand since the last deploy; this plan restores the configuration"


def losses(description: Description) -> str:
    """A sentence about the option that deletions need; empty when there are none."""
    found = len(description.losses)
    what = "1 existing resource is deleted" if found == 1 else f"{found} existing resources are deleted"
    return f"{what}, for good or to be replaced: --max-deletes {found}" if found else ""


def derived_fields(change: ChangeDescription) -> str:
    """A sentence about fields derived from the code; --json lists them."""
    found = len(change.derived)
    return f"{found} field{' points' if found == 1 else 's point'} to the code of this release"


def versions(package: PackageChange) -> str:
    """`lambda-x 0.1.0 -> 0.2.0`."""
    if package.old is None:
        return f"{package.name} {package.new}"
    if package.old == package.new:
        return f"{package.name} {package.new} (other content, same version)"
    return f"{package.name} {package.old} -> {package.new}"


def dependency(item: Dependency) -> str:
    """`boto3 1.0 -> 1.1`."""
    if item.old is None:
        return f"+ {item.name} {item.new}"
    if item.new is None:
        return f"- {item.name} {item.old}"
    if item.old == item.new:
        return f"~ {item.name} {item.new} (other content, same version)"
    return f"~ {item.name} {item.old} -> {item.new}"


def folders(package: PackageChange, most: int) -> list[tuple[str, str]]:
    """Sign and name of changed files; more than `most` files are grouped by their top folder."""
    files = list(package.files)
    if len(files) <= most:
        return files
    grouped: dict[str, list[str]] = {}
    for sign, name in files:
        top, slash, _ = name.partition("/")
        grouped.setdefault(f"{top}{slash}", []).append(sign)
    return [(_common(signs), f"{top} ({_tally(signs)})") for top, signs in grouped.items()]


def _common(signs: list[str]) -> str:
    return signs[0] if len(set(signs)) == 1 else "~"


def _tally(signs: list[str]) -> str:
    words = {"+": "added", "-": "removed", "~": "changed"}
    return ", ".join(f"{signs.count(sign)} {word}" for sign, word in words.items() if sign in signs)
