"""Compiles a SQL tree into a release: every script parsed, every table produced or declared, the load order total.

Reads files and nothing else; the same tree gives the same release, byte for byte.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlglot import exp

from sql_tree.compiler.columns import column_problems, has_staging_ddl
from sql_tree.compiler.dependencies import dependency_problems, idle_problems
from sql_tree.compiler.files import Tree, read_tree, read_waiver_file
from sql_tree.compiler.findings import CompileError, Findings, read_waivers, sort_findings
from sql_tree.compiler.listing import listing_problems
from sql_tree.compiler.manifest import manifest
from sql_tree.compiler.meaning import meaning_problems
from sql_tree.compiler.metadata import Metadata, read_metadata
from sql_tree.compiler.problems import Problem
from sql_tree.compiler.producers import Producers, producers
from sql_tree.compiler.reading import scan
from sql_tree.compiler.report import LIMIT, text
from sql_tree.compiler.scan import Scan
from sql_tree.compiler.staging_checks import NONE_INSTALLED, StagingCheck, check_problems, installed_checks
from sql_tree.compiler.writers import writer_problems
from sql_tree.layout import LAYERS
from sql_tree.release.contents import Release, release_name

NO_STAGING_DDL = (
    "the tree has no DDL/CARS_STG: staging tables are taken to exist in the database, and the columns of staging scripts"
    " were not compared with theirs"
)


@dataclass(frozen=True, slots=True)
class Compiled:
    """All that was found in a tree, its release unless there are errors, and notes about the compilation itself."""

    findings: Findings
    release: Release | None
    notes: tuple[str, ...] = ()


def compile_tree(root: Path, checks: Iterable[StagingCheck] | None = None, limit: int = LIMIT) -> Release:
    """Compile the tree below `root`; raises `CompileError` with every problem found, in order of file.

    `checks` are applied to staging scripts; by default those of installed distributions. `limit` bounds the lines of
    the error's message.
    """
    compiled = examine_tree(root, checks)
    if compiled.release is None:
        raise CompileError(root, compiled.findings, text(root, compiled.findings, limit))
    return compiled.release


def examine_tree(root: Path, checks: Iterable[StagingCheck] | None = None) -> Compiled:
    """All findings of the tree below `root`, waived ones included, and its release when none is an error."""
    applied = installed_checks() if checks is None else list(checks)
    tree, problems = read_tree(root)
    metadata, found = read_metadata(tree.files)
    scans = scan_all(tree)
    produced = producers(scans, metadata)
    waivers, faults = read_waivers(read_waiver_file(root))
    problems += [
        *found,
        *faults,
        *_problems(tree, metadata, scans, produced),
        *check_problems(scans, applied),
    ]
    findings = sort_findings(problems, waivers)
    notes = tuple(_notes(metadata, scans, applied))
    if findings.errors:
        return Compiled(findings, None, notes)
    name = release_name(tree.files)
    warnings = (*map(str, findings.warnings), *notes)
    release = Release(name, tree.files, manifest(name, tree, scans, metadata, produced), warnings)
    return Compiled(findings, release, notes)


def _notes(metadata: Metadata, scans: list[Scan], applied: list[StagingCheck]) -> Iterator[str]:
    """What the compilation could not check, and why."""
    if not applied:
        yield NONE_INSTALLED
    if metadata.staging and not has_staging_ddl(scans):
        yield NO_STAGING_DDL


def scan_all(tree: Tree) -> list[Scan]:
    """Every script scanned; temporary tables are known to the later scripts of the same table."""
    scans: list[Scan] = []
    for layer in LAYERS:
        for scripts in tree.of(layer).values():
            local: dict[str, exp.Expr | None] = {}
            for script in scripts:
                scans.append(scan(script, local))
                local = scans[-1].local
    return scans


def _problems(tree: Tree, metadata: Metadata, scans: list[Scan], produced: Producers) -> Iterator[Problem]:
    for scanned in scans:
        yield from scanned.problems
    yield from listing_problems(tree, metadata)
    yield from dependency_problems(scans, metadata, produced)
    yield from idle_problems(scans)
    yield from writer_problems(tree, scans)
    yield from column_problems(scans)
    yield from meaning_problems(scans)
