"""A plan as lines for a terminal or a log; colours are styles that a console without a terminal drops."""

from collections.abc import Iterator

from rich.text import Text

from deployer.model.resources import KINDS, Role
from deployer.planning.fields import Field
from deployer.planning.plan import Cause
from deployer.views import phrases
from deployer.views.code import PackageChange
from deployer.views.description import Action, ChangeDescription, Description, FieldChange
from deployer.views.states import How, StateChange
from deployer.views.values import old_to_new, text

MOST_FILES = 12
_ROLE = KINDS[Role].name
_PRIVILEGES = ("policy", "trust", "other_policies")
# Fields of a new resource that its name or privileges show already, or that are too long.
_OBVIOUS = {"name", "tags", "definition", "path", "bucket", "digest", "function", "machine", "alias"}
_DIGEST = "code.digest"
_STATE_STYLES = {How.NEW: ("+", "green"), How.GONE: ("-", "red"), How.CHANGED: ("~", "yellow")}


def lines(description: Description, nothing: str = phrases.MATCHES) -> list[Text]:
    """The plan, grouped by kind; one line and the warnings when there is nothing to do."""
    place = f"{description.prefix} in account {description.account}, {description.region}"
    if not description.changes:
        warnings = [_note(note) for note in description.notes if phrases.is_warning(note)]
        return [Text(f"{place}: {nothing}{_other_notes(description)}", style="bold"), *warnings]
    release = phrases.releases(description)
    found = [Text(f"{place}: {release}" if release else place, style="bold")]
    for headline, changes in phrases.by_kind(description).items():
        found += _group(headline, changes)
    found += map(_note, description.notes)
    return [*found, *_closing(description)]


def field_line(field: Field, indent: str = "    ", remark: str = "") -> Text:
    """One field, old -> new."""
    return Text(f"{indent}{field.path}: {old_to_new(field)}{f'  ({remark})' if remark else ''}")


def _note(note: str) -> Text:
    return Text(f"note: {note}", style="yellow" if phrases.is_warning(note) else "cyan")


def _other_notes(description: Description) -> str:
    """The number of notes that an empty plan does not show: all but warnings."""
    found = sum(not phrases.is_warning(note) for note in description.notes)
    return f" ({found} note{'s' if found > 1 else ''}, shown by --json)" if found else ""


def _group(headline: str, changes: list[ChangeDescription]) -> Iterator[Text]:
    yield Text("")
    yield Text(headline, style="bold")
    for change in changes:
        yield _headline(change)
        yield from details(change)


def _headline(change: ChangeDescription) -> Text:
    sign, colour = phrases.SIGNS[change.action]
    line = Text(f"{sign} {change.key}", style=colour)
    if reason := phrases.why(change):
        line.append(f"  ({reason})", style="dim" if change.cause is Cause.CONFIGURATION else "bold")
    return line


def details(change: ChangeDescription) -> Iterator[Text]:
    """The lines of one change below its name."""
    if change.forced_by:
        yield Text(
            f"    replaced because {', '.join(change.forced_by)} cannot be changed in place", style="magenta"
        )
    yield from _fields(change)
    for state in change.states:
        yield from _state(state)
    for field in change.accepted:
        yield Text(f"    {field.path}: {old_to_new(field)}  (changed by hand, the configuration leaves it)")
    for reason, privileges in phrases.by_reason(change.privileges.gained).items():
        yield from [Text(f"    {reason}:", style="dim")] if reason else []
        for privilege in privileges:
            yield Text(f"    + {privilege}", style="green")
    for privilege in change.privileges.lost:
        yield Text(f"    - {privilege}", style="red")
    if change.package:
        yield from _package(change.package)


def _fields(change: ChangeDescription) -> Iterator[Text]:
    if change.key.kind == _ROLE and not change.privileges and any(map(_grants, change.own)):
        yield Text("    policies are worded differently and grant the same")
    for item in shown_fields(change):
        if change.action is Action.CREATE:
            yield Text(f"    {item.field.path}: {text(item.field.new)}")
        else:
            yield field_line(item.field, remark=item.cause.value if item.cause is not change.cause else "")
    if change.derived:
        yield Text(f"    {phrases.derived_fields(change)}")


def shown_fields(change: ChangeDescription) -> Iterator[FieldChange]:
    """Fields, without those that privileges or files show better and, for a new resource, those that its name shows."""
    for item in change.own:
        by_name = change.action is Action.CREATE and _first(item) in _OBVIOUS
        by_privileges = change.key.kind == _ROLE and _grants(item)
        by_files = change.package is not None and item.field.path == _DIGEST
        if not (by_name or by_privileges or by_files):
            yield item


def _grants(item: FieldChange) -> bool:
    return _first(item) in _PRIVILEGES


def _first(item: FieldChange) -> str:
    return item.field.path.partition(".")[0]


def _state(state: StateChange) -> Iterator[Text]:
    sign, colour = _STATE_STYLES[state.how]
    yield Text(f"    {sign} {state.name}: {state.how.value}", style=colour)
    yield from (field_line(field, indent="        ") for field in state.fields)


def _package(package: PackageChange) -> Iterator[Text]:
    yield Text(f"    package {phrases.versions(package)}")
    if not package.known:
        yield Text(f"        {phrases.FILES_UNKNOWN}")
    if package.old is None:
        return
    yield from (Text(f"        {sign} {name}") for sign, name in phrases.folders(package, MOST_FILES))
    yield from (Text(f"        {phrases.dependency(item)}") for item in package.dependencies)


def _closing(description: Description) -> Iterator[Text]:
    gained = sum(len(change.privileges.gained) for change in description.permissions)
    lost = sum(len(change.privileges.lost) for change in description.permissions)
    yield Text("")
    if gained or lost:
        yield Text(f"permissions: {gained} gained, {lost} lost", style="bold")
    if found := phrases.manual_changes(description):
        yield Text(found, style="yellow")
    if found := phrases.losses(description):
        yield Text(found, style="red")
    yield Text(phrases.counts(description), style="bold")
