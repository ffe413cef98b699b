"""A config release on S3: the scripts of a table and the tables it requires. Every script is checked by its digest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from datamart_exec.arguments import Arguments
from datamart_exec.errors import DatamartError
from datamart_exec.storage import Storage

LEDGER_SCHEMA = "DART_PROCESS_CONTROL"


@dataclass(frozen=True, slots=True)
class Script:
    """One script of a release: its path in the tree, its text with unbound tokens, its digest."""

    path: str
    text: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a load is made from: the digest of its scripts, the tables that must be loaded first (`requires`), and the
    tables it reads where they are loaded (`uses`). Tables are written `LAYER.TABLE`."""

    digest: str
    requires: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """One table of one layer in a release; `required` holds the recipes of the vault and mart tables it requires."""

    release: str
    layer: str
    name: str
    scripts: tuple[Script, ...]
    writes: tuple[str, ...]
    recipe: Recipe
    required: Mapping[str, Recipe]

    @property
    def digest(self) -> str:
        """One digest over all scripts, in their order."""
        return self.recipe.digest


def load(storage: Storage, arguments: Arguments) -> Table:
    """The table of the pinned release, or of the current one when none is pinned."""
    bucket, root = arguments.config_bucket, arguments.config_prefix
    release = arguments.release or _current(storage, bucket, root)
    folder = f"{root}/releases/{release}".lstrip("/")
    manifest = _document(storage, bucket, f"{folder}/manifest.json")
    complete = all(isinstance(manifest.get(part), dict) for part in ("files", "tables"))
    if manifest.get("version") != 1 or manifest.get("release") != release or not complete:
        raise DatamartError(
            f"s3://{bucket}/{folder}/manifest.json is not the manifest of release {release};"
            " push the configs again"
        )
    if _has_migrations_only(manifest, arguments):
        return Table(release, arguments.layer, LEDGER_SCHEMA, (), (), _recipe(manifest, {}, ()), {})
    name, entry = _entry(manifest, arguments)
    paths = _script_paths(entry, arguments)
    scripts = tuple(_script(storage, bucket, folder, manifest, path) for path in paths)
    return Table(
        release,
        arguments.layer,
        name,
        scripts,
        tuple(entry.get("writes", ())),
        _recipe(manifest, entry, paths),
        _required(manifest, entry),
    )


def _has_migrations_only(manifest: Mapping[str, Any], arguments: Arguments) -> bool:
    """The ledger's schema has migrations in this job; a tree needs no scripts for it."""
    ledger = arguments.layer == "DDL" and arguments.table_name == LEDGER_SCHEMA
    return ledger and LEDGER_SCHEMA not in map(str.upper, manifest["tables"].get("DDL", {}))


def _recipe(manifest: Mapping[str, Any], entry: Mapping[str, Any], paths: Sequence[str]) -> Recipe:
    files = manifest["files"]
    lines = "".join(f"{path} {files.get(path, {}).get('sha256')}\n" for path in paths)
    return Recipe(
        hashlib.sha256(lines.encode()).hexdigest(),
        tuple(entry.get("requires", ())),
        tuple(entry.get("uses", ())),
    )


def _required(manifest: Mapping[str, Any], entry: Mapping[str, Any]) -> dict[str, Recipe]:
    """Recipes of the required tables. Staging tables have none: their inputs are not in the ledger."""
    found = {}
    for requirement in entry.get("requires", ()):
        layer, _, name = requirement.partition(".")
        required = manifest["tables"].get(layer, {}).get(name)
        if layer != "STG" and required is not None:
            found[requirement] = _recipe(manifest, required, required["scripts"])
    return found


def _current(storage: Storage, bucket: str, root: str) -> str:
    key = f"{root}/current.json".lstrip("/")
    release = _document(storage, bucket, key).get("release")
    if not isinstance(release, str):
        raise DatamartError(f"s3://{bucket}/{key} names no release; push the configs again")
    return release


def _document(storage: Storage, bucket: str, key: str) -> Mapping[str, Any]:
    try:
        document = json.loads(storage.read(bucket, key))
    except ValueError as error:
        raise DatamartError(f"s3://{bucket}/{key} is not JSON: {error}") from error
    if not isinstance(document, dict):
        raise DatamartError(f"s3://{bucket}/{key} is not a JSON object")
    return document


def _entry(manifest: Mapping[str, Any], arguments: Arguments) -> tuple[str, Mapping[str, Any]]:
    tables: Mapping[str, Any] = manifest["tables"].get(arguments.layer, {})
    for name, entry in tables.items():
        if name.upper() == arguments.table_name:
            return name.upper(), entry
    known = ", ".join(sorted(tables)) or "none"
    raise DatamartError(
        f"unknown table {arguments.table_name} in layer {arguments.layer} of release {manifest['release']};"
        f" the release has {known}"
    )


def _script_paths(entry: Mapping[str, Any], arguments: Arguments) -> list[str]:
    scripts = entry["scripts"]
    paths = scripts.get(arguments.run.run_type, []) if isinstance(scripts, dict) else scripts
    if not paths:
        raise DatamartError(
            f"{arguments.layer}.{arguments.table_name} has no script for run_type {arguments.run.run_type}"
        )
    return list(paths)


def _script(storage: Storage, bucket: str, folder: str, manifest: Mapping[str, Any], path: str) -> Script:
    expected = manifest["files"].get(path, {}).get("sha256")
    if expected is None:
        raise DatamartError(f"{path} is not among the files of release {manifest['release']}")
    content = storage.read(bucket, f"{folder}/{path}")
    digest = hashlib.sha256(content).hexdigest()
    if digest != expected:
        raise DatamartError(
            f"{path} is not what release {manifest['release']} contains: sha256 {digest}, expected {expected};"
            " push the configs again"
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DatamartError(f"{path} is not UTF-8: {error}") from error
    return Script(path, text, digest)
