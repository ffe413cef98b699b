"""Renders the whole SQL tree from the model, writes it, and tells which committed files are stale.

Only the directories and metadata files rendered here are owned: marts written by hand are left alone.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from deployer.configs.ddl_sql import mart_ddl, staging_ddl, vault_ddl
from deployer.configs.hub_sql import hub_insert
from deployer.configs.link_sql import link_insert
from deployer.configs.metadata_csv import metadata_files
from deployer.configs.model_tables import HUBS, LINKS, Model, ModelError, VaultTable
from deployer.configs.satellite_sql import satellite_scripts
from deployer.configs.staging_sql import RUN_TYPES, staging_script
from deployer.environment_file.repository import repository_root

OWNED = ("STG", "EDV", "DDL")
_MIGRATION = re.compile(r"(\d+)_(\w+)\.sql")


def default_migrations() -> Path:
    """Where process-control keeps the migrations that DDL/DART_PROCESS_CONTROL copies."""
    return repository_root() / "packages/process-control/src/process_control/migrations"


def render_tree(model: Model, migrations: Path | None = None) -> Mapping[str, str]:
    """Every rendered file by its path below `car_configs`, in order of path."""
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
    files |= _in("DDL/DART_PROCESS_CONTROL", _copied(migrations or default_migrations()))
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
    """Write what differs and remove what is no longer rendered; the lines of `stale_files` that were put right."""
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
        return {"2_DV_INSERT.sql": hub_insert(model, table)}
    if table.kind in LINKS:
        return {"2_DV_INSERT.sql": link_insert(model, table)}
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
