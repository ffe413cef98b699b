"""A plan as Markdown for a pull request: deletions, replacements and permissions come first."""

from collections.abc import Iterable, Iterator

from deployer.planning.fields import Field
from deployer.views import phrases
from deployer.views.code import PackageChange
from deployer.views.description import Action, ChangeDescription, Description
from deployer.views.escaping import code, escaped
from deployer.views.size_limit import Block, fit
from deployer.views.states import StateChange
from deployer.views.terminal import MOST_FILES, shown_fields
from deployer.views.values import old_to_new, text

# GitHub refuses comments of more than 65,536 characters; the rest is for the line that says what was cut.
LIMIT = 65_000
_MOST_ROWS = 100
_LONGEST = 300


def markdown(description: Description, limit: int = LIMIT) -> str:
    """The plan in at most `limit` characters."""
    head = [Block(f"## Plan for {code(description.prefix)}\n\n{_place(description)}")]
    if not description.changes:
        return fit([*head, Block(f"{escaped(phrases.MATCHES)}."), *_notes(description)], limit)
    return fit(
        [
            *head,
            Block(_summary(description)),
            *_warnings(description),
            *_permissions(description),
            *_notes(description),
            *_groups(description),
        ],
        limit,
    )


def _place(description: Description) -> str:
    release = phrases.releases(description)
    return escaped(
        f"account {description.account}, {description.region}, environment {description.environment}"
        f"{f', {release}' if release else ''}"
    )


def _summary(description: Description) -> str:
    actions = list(Action)
    counts = [str(description.count(action)) for action in actions]
    return _table([action.value for action in actions], [counts])


def _warnings(description: Description) -> Iterator[Block]:
    if description.losses:
        names = [
            f"**{change.action.value}** {escaped(change.key.kind)} {code(change.key.name)}{_forced(change)}"
            for change in description.losses
        ]
        head = f"> [!CAUTION]\n> {escaped(phrases.losses(description))}"
        yield Block("\n".join([head, *(f"> - {name}" for name in _items(names))]))
    if sentence := phrases.manual_changes(description):
        yield Block(f"> [!WARNING]\n> {escaped(sentence)}")


def _forced(change: ChangeDescription) -> str:
    if not change.forced_by:
        return ""
    return f": {', '.join(map(code, change.forced_by))} cannot be changed in place"


def _permissions(description: Description) -> Iterator[Block]:
    rows = [
        [word, code(str(privilege)), code(change.key.name), escaped(privilege.reason)]
        for change in description.permissions
        for word, found in (("gained", change.privileges.gained), ("lost", change.privileges.lost))
        for privilege in found
    ]
    if rows:
        table = _table(["", "privilege", "role", "why"], _rows(rows))
        yield Block(f"### Permissions\n\n{table}", f"### Permissions\n\n{len(rows)} privileges change.")


def _notes(description: Description) -> Iterator[Block]:
    if description.notes:
        yield Block("\n".join(["### Notes\n", *(f"- {escaped(note)}" for note in description.notes)]))


def _groups(description: Description) -> Iterator[Block]:
    for headline, changes in phrases.by_kind(description).items():
        yield Block(f"### {escaped(headline)}")
        yield from map(_change, changes)


def _change(change: ChangeDescription) -> Block:
    sign, _ = phrases.SIGNS[change.action]
    reason = phrases.why(change)
    title = f"{code(sign)} {escaped(change.key.kind)} {code(change.key.name)}"
    title += f" ({escaped(reason)})" if reason else ""
    body = list(_body(change))
    if not body:
        return Block(f"- {title}")
    inside = "\n\n".join(body)
    return Block(f"<details><summary>{title}</summary>\n\n{inside}\n\n</details>", f"- {title}")


def _body(change: ChangeDescription) -> Iterator[str]:
    if rows := list(_field_rows(change)):
        yield _table(["field", "change", "cause"], _rows(rows))
    if change.derived:
        yield f"{escaped(phrases.derived_fields(change))}."
    for state in change.states:
        yield _state(state)
    for word, found in (("gained", change.privileges.gained), ("lost", change.privileges.lost)):
        if found:
            yield "\n".join(
                [f"{word.capitalize()}:\n", *(f"- {item}" for item in _items([code(str(p)) for p in found]))]
            )
    if change.accepted:
        rows = [_row(field, "changed by hand, the configuration leaves it") for field in change.accepted]
        yield _table(["field", "applied -> live", ""], rows)
    if change.package:
        yield _package(change.package)


def _field_rows(change: ChangeDescription) -> Iterator[list[str]]:
    for item in shown_fields(change):
        if change.action is Action.CREATE:
            yield [code(item.field.path), code(text(item.field.new, _LONGEST)), ""]
        else:
            yield _row(item.field, item.cause.value)


def _row(field: Field, remark: str) -> list[str]:
    return [code(field.path), code(old_to_new(field, _LONGEST)), escaped(remark)]


def _state(state: StateChange) -> str:
    rows = [_row(field, "")[:2] for field in state.fields]
    head = f"State {code(state.name)}: {escaped(state.how.value)}"
    return f"{head}\n\n{_table(['field', 'change'], _rows(rows))}" if rows else head


def _package(package: PackageChange) -> str:
    items = [phrases.dependency(item) for item in package.dependencies]
    if package.old is not None:
        items = [f"{sign} {name}" for sign, name in phrases.folders(package, MOST_FILES)] + items
    if not package.known:
        items.append(phrases.FILES_UNKNOWN)
    listed = "\n".join(f"- {item}" for item in _items(list(map(code, items))))
    return f"Package {code(phrases.versions(package))}\n\n{listed}".rstrip()


def _table(head: list[str], rows: Iterable[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *(row + [""] * (len(head) - len(row)) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _rows(rows: list[list[str]]) -> list[list[str]]:
    """The first rows, and how many more there are."""
    more = len(rows) - _MOST_ROWS
    return rows if more <= 0 else [*rows[:_MOST_ROWS], [f"{more} more"]]


def _items(items: list[str]) -> list[str]:
    """The first items of a list, and how many more there are."""
    more = len(items) - _MOST_ROWS
    return items if more <= 0 else [*items[:_MOST_ROWS], f"{more} more"]
