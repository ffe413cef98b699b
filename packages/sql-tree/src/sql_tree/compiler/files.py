"""The files of a SQL tree and what each is in a release; any other file is a problem."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sql_tree.compiler.problems import Problem
from sql_tree.layout import MODEL_FOLDER

NOT_RELEASED = ("README.md",)

_STAGING = re.compile(r"STG/([A-Z0-9_]+)/(initial|incremental)/([A-Z0-9_]+)\.sql")
_NUMBERED = re.compile(r"(EDV|DM|CAR_DM|DDL)/([A-Z0-9_]+)/(\d+)_[A-Z0-9_]+\.sql")
_METADATA = re.compile(r"metadata/[a-z_]+\.csv")
_EXPECTED = (
    "expected STG/{TABLE}/{initial|incremental}/{TABLE}.sql, {EDV|DM|CAR_DM|DDL}/{TABLE}/{n}_{NAME}.sql"
    " with upper-case names, or metadata/{name}.csv"
)


@dataclass(frozen=True, slots=True)
class ScriptFile:
    """One script: `run_type` for staging, `order` (its number) elsewhere."""

    path: str
    layer: str
    table: str
    run_type: str
    order: int
    text: str


@dataclass(frozen=True, slots=True)
class Tree:
    """Every file that travels, and the scripts among them in running order per table."""

    files: Mapping[str, bytes]
    scripts: tuple[ScriptFile, ...]

    def of(self, layer: str) -> dict[str, list[ScriptFile]]:
        """The scripts of one layer by table."""
        found: dict[str, list[ScriptFile]] = {}
        for script in self.scripts:
            if script.layer == layer:
                found.setdefault(script.table, []).append(script)
        return found


def read_tree(root: Path) -> tuple[Tree, list[Problem]]:
    """Every file below `root` in order of path; `metadata/model/` and a README are left out."""
    if not root.is_dir():
        return Tree({}, ()), [Problem(str(root), 0, "is not a directory")]
    files: dict[str, bytes] = {}
    scripts: list[ScriptFile] = []
    problems: list[Problem] = []
    for path in sorted(path for path in root.rglob("*") if not path.is_dir()):
        name = path.relative_to(root).as_posix()
        if name.startswith(f"{MODEL_FOLDER}/") or name in NOT_RELEASED:
            continue
        if path.is_symlink():
            problems.append(Problem(name, 0, f"is a link to {path.readlink()}; put the file itself there"))
            continue
        files[name] = path.read_bytes()
        problems.extend(_place(name, files[name], scripts))
    scripts.sort(key=lambda script: (script.layer, script.table, script.run_type, script.order, script.path))
    return Tree(files, tuple(scripts)), problems + list(_same_order(scripts))


def _place(name: str, content: bytes, scripts: list[ScriptFile]) -> Iterator[Problem]:
    staging, numbered = _STAGING.fullmatch(name), _NUMBERED.fullmatch(name)
    if staging is None and numbered is None and _METADATA.fullmatch(name) is None:
        yield Problem(name, 0, f"has no place in a release; {_EXPECTED}")
        return
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        yield Problem(name, content.count(b"\n", 0, error.start) + 1, f"is not UTF-8 at byte {error.start}")
        return
    if "\0" in text:
        yield Problem(name, text.count("\n", 0, text.index("\0")) + 1, "holds a NUL character")
    if not text.strip():
        yield Problem(name, 0, "is empty; write it or delete it")
    elif staging:
        table, run_type, file = staging.groups()
        if file != table:
            yield Problem(name, 0, f"must be called {table}.sql, like its table")
        scripts.append(ScriptFile(name, "STG", table, run_type, 0, text))
    elif numbered:
        layer, table, order = numbered.groups()
        scripts.append(ScriptFile(name, layer, table, "", int(order), text))


def _same_order(scripts: list[ScriptFile]) -> Iterator[Problem]:
    first: dict[tuple[str, str, int], str] = {}
    for script in scripts:
        if script.layer == "STG":
            continue
        other = first.setdefault((script.layer, script.table, script.order), script.path)
        if other != script.path:
            yield Problem(
                script.path, 0, f"has the number {script.order} of {other}; the order must be total"
            )
