"""The manifest of a tree, as far as the main job reads it, made from folders and lists instead of the compiler."""

import csv
import json
import re
from pathlib import Path
from typing import Any

_READ = re.compile(r"(?:from|join)\s+((?:`fsa-[a-z{}-]+`|cars_stg|edv)\.`?\w+`?)")


def listed(tree: Path, file: str) -> list[str]:
    """The tables that a metadata file lists, in upper case."""
    lines = (tree / "metadata" / file).read_text(encoding="utf-8-sig").splitlines()
    return [row[-1].upper() for row in csv.reader(lines[1:], delimiter="|") if row]


def manifest(tree: Path) -> dict[str, Any]:
    """Tables with what their scripts read and write."""
    staging = {name: _entry(tree / "STG" / name) for name in listed(tree, "stg_tables.csv")}
    vault = {name: _entry(tree / "EDV" / name) for name in listed(tree, "dv_tables.csv")}
    marts = listed(tree, "dm_tables.csv")
    ddl: dict[str, Any] = {folder.name: {} for folder in (tree / "DDL").glob("*")}
    tables = {
        "STG": staging,
        "EDV": vault,
        "DM": {name: _entry(tree / "DM" / name) for name in marts},
        "DDL": ddl,
    }
    return {"tables": tables, "groups": {"EDV": [sorted(vault)], "DM": [[name] for name in marts]}}


def write(tree: Path, path: Path) -> Path:
    """Write the manifest of a tree to a file."""
    path.write_text(json.dumps(manifest(tree)), encoding="utf-8")
    return path


def _entry(folder: Path) -> dict[str, list[str]]:
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.sql"))).lower()
    written = re.findall(r"(?:insert into|update|delete from)\s+(\w+\.\w+)", text)
    read = [name.replace("`", "") for name in _READ.findall(text)]
    return {"reads": sorted(set(read) - set(written)), "writes": sorted(set(written))}
