"""Compiles a SQL tree into a release: every script parsed, every table produced or declared, the load order total.

Reads files and nothing else; the same tree gives the same release, byte for byte.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from sql_tree.compiler.columns import column_problems
from sql_tree.compiler.dependencies import dependency_problems, idle_problems
from sql_tree.compiler.files import Tree, read_tree
from sql_tree.compiler.listing import listing_problems
from sql_tree.compiler.manifest import manifest
from sql_tree.compiler.metadata import Metadata, read_metadata
from sql_tree.compiler.problems import CompileError, Problem
from sql_tree.compiler.scan import Scan, scan
from sql_tree.compiler.staging_checks import NONE_INSTALLED, StagingCheck, check_problems, installed_checks
from sql_tree.layout import LAYERS
from sql_tree.release.contents import Release, release_name


def compile_tree(root: Path, checks: Iterable[StagingCheck] | None = None) -> Release:
    """Compile the tree below `root`; raises `CompileError` with every problem found, in order of file.

    `checks` are applied to staging scripts; by default those of installed distributions.
    """
    applied = installed_checks() if checks is None else list(checks)
    tree, problems = read_tree(root)
    metadata, found = read_metadata(tree.files)
    scans = _scan_all(tree)
    problems += [*found, *_problems(tree, metadata, scans), *check_problems(scans, applied)]
    if problems:
        raise CompileError(root, sorted(set(problems)))
    release = release_name(tree.files)
    warnings = (*_outside_requirements(metadata), *(() if applied else (NONE_INSTALLED,)))
    return Release(release, tree.files, manifest(release, tree, scans, metadata), warnings)


def _scan_all(tree: Tree) -> list[Scan]:
    """Every script scanned; temporary tables are known to the later scripts of the same table."""
    scans: list[Scan] = []
    for layer in LAYERS:
        for scripts in tree.of(layer).values():
            local: frozenset[str] = frozenset()
            for script in scripts:
                scans.append(scan(script, local))
                local = frozenset(scans[-1].local)
    return scans


def _problems(tree: Tree, metadata: Metadata, scans: list[Scan]) -> Iterator[Problem]:
    for scanned in scans:
        yield from scanned.problems
    yield from listing_problems(tree, metadata)
    yield from dependency_problems(scans, metadata)
    yield from idle_problems(scans)
    yield from column_problems(scans)


def _outside_requirements(metadata: Metadata) -> Iterator[str]:
    """One warning per file that requires tables of another source's pipeline."""
    for file, tables in (("dv_tbl_dpnds.csv", metadata.vault), ("dm_tbl_dpnds.csv", metadata.marts)):
        if tables.outside:
            yield f"metadata/{file}: requires ids {', '.join(map(str, tables.outside))} of other sources"
