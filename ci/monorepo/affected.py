"""Which packages a set of changed files affects, and why. Pure: files and dependencies in, reasons out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from monorepo.packages import Package

EVERYTHING = ("noxfile.py", "ruff.toml", "ci/monorepo/", "ci/tools.txt", "ci/uv.txt")
OF_CI = (".ci/", "ci/")  # the tests of `ci` always run, since they hold the rules of the whole repository
NOT_SHIPPED = ("tests/", "benchmarks/")


@dataclass(frozen=True)
class Node:
    """A package in the graph: what it uses (also indirectly), what only its tests use, which folders it reads."""

    name: str
    uses: tuple[str, ...] = ()
    tests_use: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    ships: str | None = None  # "zip" or "bundle" when a build puts the used packages into one


@dataclass(frozen=True)
class Reason:
    """`kind` is changed, new, uses, ships, tests, reads or everything; `because` is the package or path."""

    kind: str
    because: str
    text: str


@dataclass(frozen=True)
class Impact:
    """The reasons why each package and the main job are affected; no reason: not affected."""

    packages: Mapping[str, tuple[Reason, ...]]
    gone: tuple[str, ...]
    integration: tuple[Reason, ...]
    unclaimed: tuple[str, ...]

    @property
    def affected(self) -> list[str]:
        return [name for name, reasons in self.packages.items() if reasons]


def graph(packages: Iterable[Package]) -> tuple[Node, ...]:
    """The dependencies as the pyproject files state them."""
    return tuple(_node(package) for package in packages)


def impact(nodes: Sequence[Node], changed: Sequence[str], before: Iterable[str]) -> Impact:
    """The effect of the changed paths; `before` names the packages of the base."""
    old = frozenset(before)
    names = {node.name for node in nodes}
    own = {name: _below(f"packages/{name}/", changed) for name in sorted(names | old)}
    shipped = frozenset(name for name in own if any(_is_shipped(name, path) for path in own[name]))
    whole = tuple(_everything([path for path in changed if path.startswith(EVERYTHING)]))
    reasons = {
        node.name: (
            *_own_reasons(node.name, own[node.name], new=node.name not in old),
            *_inherited(node, shipped),
            *_read_reasons(node, changed),
            *whole,
        )
        for node in nodes
    }
    return Impact(
        packages=reasons,
        gone=tuple(sorted(old - names)),
        integration=(*_integration(nodes, shipped, changed), *whole),
        unclaimed=tuple(path for path in changed if not _is_claimed(path, nodes, own)),
    )


def _node(package: Package) -> Node:
    uses = tuple(local.name for local in package.local_dependencies())
    with_dev = tuple(local.name for local in package.local_dependencies(dev=True))
    return Node(
        name=package.name,
        uses=uses,
        tests_use=tuple(name for name in with_dev if name not in uses),
        reads=package.reads,
        ships=package.ships,
    )


def _everything(paths: Sequence[str]) -> Iterable[Reason]:
    if paths:
        others = f" and {len(paths) - 1} more" if paths[1:] else ""
        yield Reason("everything", paths[0], f"{paths[0]}{others} changed: everything")


def _own_reasons(name: str, files: Sequence[str], *, new: bool) -> Iterable[Reason]:
    if new:
        yield Reason("new", name, "new: the base has no such package")
    elif files:
        yield Reason("changed", name, f"changed: {len(files)} file{'s' if len(files) > 1 else ''}")


def _inherited(node: Node, shipped: frozenset[str]) -> Iterable[Reason]:
    for name in node.uses:
        if name in shipped and node.ships:
            yield Reason("ships", name, f"its {node.ships} holds {name}, which changed")
        elif name in shipped:
            yield Reason("uses", name, f"uses {name}, which changed")
    for name in node.tests_use:
        if name in shipped:
            yield Reason("tests", name, f"its tests use {name}, which changed")


def _read_reasons(node: Node, changed: Sequence[str]) -> Iterable[Reason]:
    for folder in node.reads:
        count = len(_below(folder, changed))
        if count:
            text = f"reads {folder}, where {count} file{'s' if count > 1 else ''} changed"
            yield Reason("reads", folder, text)


def _integration(nodes: Sequence[Node], shipped: frozenset[str], changed: Sequence[str]) -> Iterable[Reason]:
    for name in sorted(shipped):
        yield Reason("uses", name, f"runs {name}, which changed")
    for folder in sorted({folder for node in nodes for folder in node.reads}):
        if _below(folder, changed):
            yield Reason("reads", folder, f"reads {folder}, which changed")


def _is_claimed(path: str, nodes: Sequence[Node], own: Mapping[str, Sequence[str]]) -> bool:
    read = tuple(folder for node in nodes for folder in node.reads)
    return path.startswith((*EVERYTHING, *OF_CI, *read, *(f"packages/{name}/" for name in own)))


def _is_shipped(name: str, path: str) -> bool:
    inner = path.removeprefix(f"packages/{name}/")
    return not inner.startswith(NOT_SHIPPED) and not inner.endswith(".md")


def _below(folder: str, paths: Sequence[str]) -> list[str]:
    return [path for path in paths if path.startswith(folder)]
