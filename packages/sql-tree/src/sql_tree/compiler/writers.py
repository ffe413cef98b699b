"""Finds database tables that two tables of the tree write, and layers that are copies of each other."""

from collections.abc import Iterable, Iterator

from sql_tree.compiler.dependencies import is_foreign
from sql_tree.compiler.files import Tree
from sql_tree.compiler.problems import Problem
from sql_tree.compiler.scan import Scan
from sql_tree.layout import MART_LAYERS

_LEAST_COPIES = 2  # one common name is no copied layer


def writer_problems(tree: Tree, scans: Iterable[Scan]) -> Iterator[Problem]:
    """One finding per database table with a second writer, and one for a layer that is a copy."""
    yield from _copied_layers(tree)
    first: dict[str, Scan] = {}
    told: set[tuple[str, str, str]] = set()
    for scanned in scans:
        script = scanned.script
        if script.layer == "DDL":
            continue
        for table, at in scanned.writes.items():
            if is_foreign(scanned, table):
                continue
            other = first.setdefault(table, scanned).script
            key = (table, script.layer, script.table)
            if (other.layer, other.table) != (script.layer, script.table) and key not in told:
                told.add(key)
                text = (
                    f"{script.layer}.{script.table} writes {table}, which {other.layer}.{other.table}"
                    f" writes too ({other.path})"
                )
                yield scanned.found(at, "two-writers", text, (f"copied:{script.layer}",))


def _copied_layers(tree: Tree) -> Iterator[Problem]:
    first, second = (tree.of(layer) for layer in MART_LAYERS)
    common = sorted(first.keys() & second.keys())
    smaller = min(len(first), len(second))
    if len(common) < _LEAST_COPIES or 2 * len(common) < smaller:
        return
    equal = [
        table
        for table in common
        if [" ".join(script.text.split()) for script in first[table]]
        == [" ".join(script.text.split()) for script in second[table]]
    ]
    names = ", ".join(common[:5]) + (", ..." if len(common) > 5 else "")
    text = (
        f"{MART_LAYERS[1]} holds {len(common)} tables that {MART_LAYERS[0]} holds too ({names});"
        f" the scripts of {len(equal)} are equal"
    )
    path = second[common[0]][0].path
    yield Problem(path, 0, text, "copied-layer", about=tuple(f"copied:{layer}" for layer in MART_LAYERS))
