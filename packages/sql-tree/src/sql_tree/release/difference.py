"""Difference of two releases: files, tables that a run loads, order and lineage, and what the change reaches. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from sql_tree.release.lineage import Lineage, downstream

Pairs = tuple[tuple[str, str], ...]


class Kind(Enum):
    """What happened to a file."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file that differs; `tables` are those that it loads or, for DDL, defines."""

    path: str
    kind: Kind
    tables: tuple[str, ...] = ()
    run_type: str = ""

    @property
    def is_ddl(self) -> bool:
        return self.path.upper().startswith("DDL/")


@dataclass(frozen=True, slots=True)
class Moved:
    """A table that a run loads in another group, counted from 1."""

    table: str
    old: int
    new: int


@dataclass(frozen=True, slots=True)
class Difference:
    """`loads_*` is what a run loads more or less; pairs are a table and one that it reads, or that it waits for.

    `reached` has the tables downstream of `changed`, level by level, each with the tables it reads of the level before.
    """

    files: tuple[FileChange, ...]
    changed: tuple[str, ...]
    reached: tuple[Mapping[str, tuple[str, ...]], ...]
    loads_more: tuple[str, ...]
    loads_less: tuple[str, ...]
    moved: tuple[Moved, ...]
    reads_more: Pairs
    reads_less: Pairs
    waits_more: Pairs
    waits_less: Pairs

    @property
    def schemas(self) -> tuple[str, ...]:
        """The folders of DDL whose scripts differ: a run does not execute them."""
        return tuple(sorted({change.path.split("/")[1].upper() for change in self.files if change.is_ddl}))


def changed_files(old: Lineage, new: Lineage) -> dict[str, Kind]:
    """Files that differ, by path."""
    return {
        path: _kind(path in old.files, path in new.files)
        for path in sorted(old.files.keys() | new.files.keys())
        if old.files.get(path) != new.files.get(path)
    }


def difference(old: Lineage, new: Lineage, defined: Callable[[str], Iterable[str]]) -> Difference:
    """What is different in `new`; `defined` gives the tables, as `schema.table`, of a changed DDL script."""
    files = tuple(_file(path, kind, old, new, defined) for path, kind in changed_files(old, new).items())
    known = old.tables.keys() | new.tables.keys()
    touched = {name for change in files for name in change.tables if name in known}
    changed = tuple(sorted(touched | (old.tables.keys() ^ new.tables.keys())))
    return Difference(
        files=files,
        changed=changed,
        reached=downstream(changed, (old, new)),
        loads_more=_more(old.groups, new.groups),
        loads_less=_more(new.groups, old.groups),
        moved=tuple(_moved(old.groups, new.groups)),
        reads_more=_more_pairs(old.reads, new.reads),
        reads_less=_more_pairs(new.reads, old.reads),
        waits_more=_more_pairs(old.waits, new.waits),
        waits_less=_more_pairs(new.waits, old.waits),
    )


def _kind(was: bool, remains: bool) -> Kind:
    if was and remains:
        return Kind.CHANGED
    return Kind.ADDED if remains else Kind.REMOVED


def _file(
    path: str, kind: Kind, old: Lineage, new: Lineage, defined: Callable[[str], Iterable[str]]
) -> FileChange:
    change = FileChange(path, kind)
    if change.is_ddl:
        names = {owner for name in defined(path) for owner in _loaders(name, old, new)}
        return FileChange(path, kind, tuple(sorted(names)))
    graph = new if path in new.owners else old
    owner = graph.owners.get(path)
    return FileChange(path, kind, (owner,), graph.tables[owner].scripts[path]) if owner else change


def _loaders(name: str, *graphs: Lineage) -> Iterator[str]:
    """The tables that load a database table; itself where none does."""
    found = [writer for graph in graphs for writer in graph.writers.get(name, ())]
    yield from found or (name,)


def _more(old: Mapping[str, int], new: Mapping[str, int]) -> tuple[str, ...]:
    return tuple(sorted(new.keys() - old.keys()))


def _moved(old: Mapping[str, int], new: Mapping[str, int]) -> Iterator[Moved]:
    for name in sorted(old.keys() & new.keys()):
        if old[name] != new[name]:
            yield Moved(name, old[name], new[name])


def _more_pairs(old: Mapping[str, frozenset[str]], new: Mapping[str, frozenset[str]]) -> Pairs:
    return tuple(sorted(_pairs(new) - _pairs(old)))


def _pairs(edges: Mapping[str, frozenset[str]]) -> set[tuple[str, str]]:
    return {(name, other) for name, others in edges.items() for other in others}
