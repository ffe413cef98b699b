"""Compares the metadata with the scripts: every listed table has its scripts, every script a listed table."""

from collections.abc import Iterable, Iterator, Mapping

from sql_tree.compiler.files import ScriptFile, Tree
from sql_tree.compiler.metadata import Metadata
from sql_tree.compiler.problems import Problem
from sql_tree.layout import MART_LAYERS, RUN_TYPES


def listing_problems(tree: Tree, metadata: Metadata) -> Iterator[Problem]:
    """Tables without scripts, scripts without a table, and staging tables that lack a run type."""
    listed = {"STG": set(metadata.staging), "EDV": set(metadata.vault.names.values())}
    for layer, file in (("STG", "stg_tables.csv"), ("EDV", "dv_tables.csv")):
        scripts = tree.of(layer)
        for table in sorted(listed[layer] - set(scripts)):
            yield _without_scripts(table, file, (layer,), f"{layer}/{table}/ has no scripts")
        yield from _unlisted(layer, scripts, listed[layer], file)
    yield from _missing_run_types(tree)
    yield from _mart_problems(tree, set(metadata.marts.names.values()))


def _without_scripts(table: str, file: str, layers: Iterable[str], text: str) -> Problem:
    misplaced = tuple(f"scripts:{layer}.{table}" for layer in layers)
    follows = (*misplaced, f"content:metadata/{file}")
    return Problem(
        f"metadata/{file}", 0, f"lists {table}, but {text}", "listed-without-scripts", follows=follows
    )


def _missing_run_types(tree: Tree) -> Iterator[Problem]:
    for table, found in tree.of("STG").items():
        for run_type in sorted(set(RUN_TYPES) - {script.run_type for script in found}):
            path = f"STG/{table}/{run_type}/{table}.sql"
            text = f"is missing; {table} needs both run types"
            yield Problem(path, 0, text, "missing-run-type", follows=(f"scripts:STG.{table}",))


def _mart_problems(tree: Tree, listed: set[str]) -> Iterator[Problem]:
    found = {layer: tree.of(layer) for layer in MART_LAYERS}
    for table in sorted(listed - {table for scripts in found.values() for table in scripts}):
        text = "neither DM/ nor CAR_DM/ has scripts for it"
        yield _without_scripts(table, "dm_tables.csv", MART_LAYERS, text)
    for layer, scripts in found.items():
        yield from _unlisted(layer, scripts, listed, "dm_tables.csv")


def _unlisted(
    layer: str, scripts: Mapping[str, Iterable[ScriptFile]], listed: set[str], file: str
) -> Iterator[Problem]:
    code = "mart-in-no-plan" if layer in MART_LAYERS else "unlisted-scripts"
    for table in sorted(set(scripts) - listed):
        for script in scripts[table]:
            text = f"belongs to {table}, which metadata/{file} does not list"
            subjects = (f"unlisted:{table.lower()}",)
            yield Problem(script.path, 0, text, code, about=subjects, follows=(f"file:metadata/{file}",))
