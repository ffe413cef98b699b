"""The difference of two config releases as lines of text and as JSON; pure."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from rich.text import Text

from deployer.config_release.compare import Comparison, Side
from deployer.config_release.text_diff import TextDiff, text_diff
from sql_tree.release.difference import Difference, FileChange, Kind, Pairs

_MARKS = {Kind.ADDED: "+", Kind.REMOVED: "-", Kind.CHANGED: "~"}
_STYLES = {"+": "green", "-": "red", "~": "yellow"}
_SHOWN_SOURCES = 3


def diff_lines(found: Comparison, *, patch: bool) -> Iterator[Text]:
    """Files, what a run loads differently, lineage, and the tables that the change reaches; then the patch."""
    yield Text(f"{_named(found.old)} -> {_named(found.new)}", style="bold")
    if not found.difference.files:
        yield Text("no difference")
        return
    texts = _texts(found)
    yield from _files(found.difference, texts)
    yield from _loads(found.difference)
    yield from _edges(found.difference)
    yield from _tables(found.difference)
    yield from _notes(found.difference)
    if patch:
        yield Text()
        for text in texts.values():
            yield from _patch(text)


def diff_document(found: Comparison, *, patch: bool) -> dict[str, Any]:
    """The same as JSON data."""
    change, texts = found.difference, _texts(found)
    return {
        "old": {"label": found.old.label, "release": found.old.lineage.release},
        "new": {"label": found.new.label, "release": found.new.lineage.release},
        "files": [_file_document(item, texts[item.path], patch=patch) for item in change.files],
        "loads": {
            "added": list(change.loads_more),
            "removed": list(change.loads_less),
            "moved": [{"table": item.table, "from": item.old, "to": item.new} for item in change.moved],
        },
        "reads": _pairs_document(change.reads_more, change.reads_less),
        "waitsFor": _pairs_document(change.waits_more, change.waits_less),
        "changed": list(change.changed),
        "downstream": [
            {
                "level": level,
                "tables": [{"table": name, "through": list(through)} for name, through in tables.items()],
            }
            for level, tables in enumerate(change.reached, 1)
        ],
        "ddl": list(change.schemas),
    }


def _texts(found: Comparison) -> dict[str, TextDiff]:
    return {path: text_diff(path, *contents) for path, contents in found.contents.items()}


def _named(side: Side) -> str:
    return f"{side.label} {side.lineage.release}".strip()


def _files(change: Difference, texts: dict[str, TextDiff]) -> Iterator[Text]:
    counts = Counter(item.kind for item in change.files)
    yield _title("files", (f"{counts[kind]} {kind.value}" for kind in Kind if counts[kind]))
    width = max(len(item.path) for item in change.files)
    for item in change.files:
        mark, text = _MARKS[item.kind], texts[item.path]
        about = "  ".join(filter(None, (_owner(item), _counts(text))))
        yield Text(f"  {mark} {item.path:{width}}  {about}".rstrip(), style=_STYLES[mark])


def _owner(item: FileChange) -> str:
    kind = "DDL" if item.is_ddl else item.run_type
    return f"{', '.join(item.tables)} ({kind})" if item.tables and kind else ", ".join(item.tables)


def _counts(text: TextDiff) -> str:
    if text.endings_only:
        return "line endings only"
    return " ".join(f"{sign}{count}" for sign, count in (("+", text.added), ("-", text.removed)) if count)


def _loads(change: Difference) -> Iterator[Text]:
    if not (change.loads_more or change.loads_less or change.moved):
        return
    yield _title("a run loads")
    yield from (_marked("+", name) for name in change.loads_more)
    yield from (_marked("-", name) for name in change.loads_less)
    for moved in change.moved:
        yield _marked("~", f"{moved.table} in group {moved.new}, was {moved.old}")


def _edges(change: Difference) -> Iterator[Text]:
    edges = (
        ("+", "reads", change.reads_more),
        ("-", "reads", change.reads_less),
        ("+", "waits for", change.waits_more),
        ("-", "waits for", change.waits_less),
    )
    if any(pairs for _, _, pairs in edges):
        yield _title("lineage")
    for mark, word, pairs in edges:
        yield from (_marked(mark, f"{table} {word} {other}") for table, other in pairs)


def _tables(change: Difference) -> Iterator[Text]:
    reached = sum(map(len, change.reached))
    yield _title("tables", (f"{len(change.changed)} changed", f"{reached} downstream"))
    yield from (Text(f"    {name}") for name in change.changed)
    for level, tables in enumerate(change.reached, 1):
        yield Text(f"  level {level}", style="dim")
        yield from (Text(f"    {name}  reads {_some(through)}") for name, through in tables.items())


def _some(names: tuple[str, ...]) -> str:
    more = len(names) - _SHOWN_SOURCES
    return ", ".join(names[:_SHOWN_SOURCES]) + (f" and {more} more" if more > 0 else "")


def _notes(change: Difference) -> Iterator[Text]:
    for schema in change.schemas:
        yield Text(
            f"note: a run does not execute DDL: start the Glue job with --layer DDL --table_name {schema}"
        )


def _patch(text: TextDiff) -> Iterator[Text]:
    for line in "".join(text.lines).split("\n")[:-1]:
        yield Text(line, style=_STYLES.get(line[:1], ""))


def _title(name: str, parts: Iterable[str] = ()) -> Text:
    about = ", ".join(parts)
    return Text(f"{name}: {about}" if about else name, style="bold")


def _marked(mark: str, text: str) -> Text:
    return Text(f"  {mark} {text}", style=_STYLES[mark])


def _file_document(item: FileChange, text: TextDiff, *, patch: bool) -> dict[str, Any]:
    found: dict[str, Any] = {
        "path": item.path,
        "change": item.kind.value,
        "tables": list(item.tables),
        "runType": item.run_type or None,
        "added": text.added,
        "removed": text.removed,
        "lineEndingsOnly": text.endings_only,
    }
    return found | ({"patch": "".join(text.lines)} if patch else {})


def _pairs_document(more: Pairs, less: Pairs) -> dict[str, list[dict[str, str]]]:
    def documents(pairs: Pairs) -> list[dict[str, str]]:
        return [{"table": table, "of": other} for table, other in pairs]

    return {"added": documents(more), "removed": documents(less)}
