"""Renders the whole SQL tree from the model, writes it, and lists the committed files that are stale.

Changes nothing outside `OWNED` and the metadata files: marts are written by hand.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from sql_tree.layout import INSERT_SCRIPT, RUN_TYPES
from sql_tree.model.tables import HUBS, LINKS, Model, ModelError, VaultTable
from sql_tree.rendering.ddl import mart_ddl, staging_ddl, vault_ddl
from sql_tree.rendering.hub import hub_insert
from sql_tree.rendering.link import link_insert
from sql_tree.rendering.metadata import metadata_files
from sql_tree.rendering.satellite import satellite_scripts
from sql_tree.rendering.staging import staging_script

OWNED = ("STG", "EDV", "DDL")
# where the repository keeps the migrations that DDL/DART_PROCESS_CONTROL copies
MIGRATIONS = "packages/process-control/src/process_control/migrations"
_MIGRATION = re.compile(r"(\d+)_(\w+)\.sql")


def render_tree(model: Model, migrations: Path) -> Mapping[str, str]:
    """Every rendered file by its path below the tree's root, in order of path; `migrations` is a folder."""
    files: dict[str, str] = {}
    for table in model.staging.values():
        for run_type in RUN_TYPES:
            path = f"STG/{table.name.upper()}/{run_type}/{table.name.upper()}.sql"
            files[path] = staging_script(model, table, run_type)
    for vault_table in model.vault.values():
        files |= _in(f"EDV/{vault_table.name.upper()}", _vault_scripts(model, vault_table))
    files |= _in("DDL/CARS_STG", staging_ddl(model))
    files |= _in("DDL/EDV", vault_ddl(model))
    files |= _in("DDL/CAR_DM", mart_ddl())
    files |= _in("DDL/DART_PROCESS_CONTROL", _copied(migrations))
    files |= _in("metadata", metadata_files(model))
    return dict(sorted(files.items()))


def stale_files(tree: Mapping[str, str], root: Path) -> list[str]:
    """One line per file below `root` that is missing, differs from `tree` or should not be there."""
    stale = []
    for name, text in tree.items():
        path = root / name
        if not path.is_file():
            stale.append(f"{name} is missing")
        elif path.read_text(encoding="utf-8") != text:
            stale.append(f"{name} differs from what the model renders")
    return stale + [f"{name} is not rendered by the model" for name in _strays(tree, root)]


def write_tree(tree: Mapping[str, str], root: Path) -> list[str]:
    """Write what differs and remove what is no longer rendered; returns the lines of `stale_files` before."""
    changes = stale_files(tree, root)
    for name in _strays(tree, root):
        (root / name).unlink()
    for name, text in tree.items():
        path = root / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    _remove_empty(root)
    return changes


def _vault_scripts(model: Model, table: VaultTable) -> dict[str, str]:
    if table.kind in HUBS:
        return {INSERT_SCRIPT: hub_insert(model, table)}
    if table.kind in LINKS:
        return {INSERT_SCRIPT: link_insert(model, table)}
    return satellite_scripts(model, table)


def _copied(migrations: Path) -> dict[str, str]:
    found = {}
    for path in sorted(migrations.glob("*.sql")):
        match = _MIGRATION.fullmatch(path.name)
        if match is None:
            raise ModelError(f"{path} must be called nnnn_name.sql")
        found[f"{int(match[1])}_{match[2].upper()}.sql"] = path.read_text(encoding="utf-8")
    if not found:
        raise ModelError(f"{migrations} holds no migrations; DDL/DART_PROCESS_CONTROL is copied from there")
    return found


def _in(folder: str, files: Mapping[str, str]) -> dict[str, str]:
    return {f"{folder}/{name}": text for name, text in files.items()}


def _strays(tree: Mapping[str, str], root: Path) -> list[str]:
    found = (path for owned in OWNED for path in (root / owned).rglob("*") if path.is_file())
    return sorted(name for path in found if (name := path.relative_to(root).as_posix()) not in tree)


def _remove_empty(root: Path) -> None:
    for owned in OWNED:
        for path in sorted((root / owned).rglob("*"), reverse=True):
            if path.is_dir() and not any(path.iterdir()):
                path.rmdir()
