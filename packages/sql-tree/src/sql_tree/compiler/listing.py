"""Compares the metadata with the scripts: every listed table has its scripts, every script a listed table."""

from collections.abc import Iterable, Iterator, Mapping

from sql_tree.compiler.files import ScriptFile, Tree
from sql_tree.compiler.metadata import Metadata
from sql_tree.compiler.problems import Problem
from sql_tree.layout import RUN_TYPES


def listing_problems(tree: Tree, metadata: Metadata) -> Iterator[Problem]:
    """Tables without scripts, scripts without a table, and staging tables that lack a run type."""
    listed = {"STG": set(metadata.staging), "EDV": set(metadata.vault.names.values())}
    for layer, file in (("STG", "stg_tables.csv"), ("EDV", "dv_tables.csv")):
        scripts = tree.of(layer)
        for table in sorted(listed[layer] - set(scripts)):
            yield Problem(f"metadata/{file}", 0, f"lists {table}, but {layer}/{table}/ has no scripts")
        yield from _unlisted(scripts, listed[layer], file)
    yield from _missing_run_types(tree)
    yield from _mart_problems(tree, set(metadata.marts.names.values()))


def _missing_run_types(tree: Tree) -> Iterator[Problem]:
    for table, found in tree.of("STG").items():
        for run_type in sorted(set(RUN_TYPES) - {script.run_type for script in found}):
            path = f"STG/{table}/{run_type}/{table}.sql"
            yield Problem(path, 0, f"is missing; {table} needs both run types")


def _mart_problems(tree: Tree, listed: set[str]) -> Iterator[Problem]:
    scripts = {**tree.of("DM"), **tree.of("CAR_DM")}
    for table in sorted(listed - set(scripts)):
        text = f"lists {table}, but neither DM/ nor CAR_DM/ has scripts for it"
        yield Problem("metadata/dm_tables.csv", 0, text)
    yield from _unlisted(scripts, listed, "dm_tables.csv")


def _unlisted(scripts: Mapping[str, Iterable[ScriptFile]], listed: set[str], file: str) -> Iterator[Problem]:
    for table in sorted(set(scripts) - listed):
        for script in scripts[table]:
            yield Problem(script.path, 0, f"belongs to {table}, which metadata/{file} does not list")
