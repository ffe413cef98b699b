"""The files of a SQL tree and what each is in a release; any other file is a problem."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sql_tree.compiler.problems import Problem
from sql_tree.compiler.tokens import place
from sql_tree.layout import MODEL_FOLDER, WAIVERS

NOT_RELEASED = ("README.md", WAIVERS)

# names are compared without case, as the Glue job and the plan compare them
_STAGING = re.compile(r"STG/([A-Z0-9_]+)/(initial|incremental)/([A-Z0-9_]+)\.sql", re.IGNORECASE)
_NUMBERED = re.compile(r"(EDV|DM|CAR_DM|DDL)/([A-Z0-9_]+)/(\d+)_[A-Z0-9_]+\.sql", re.IGNORECASE)
_METADATA = re.compile(r"metadata/[^/]+\.csv")  # which of them are read is told by their names
_DOUBLED = re.compile(r"(.+\.(csv|sql))(\.\2)+", re.IGNORECASE)
_EXPECTED = (
    "expected STG/{TABLE}/{initial|incremental}/{TABLE}.sql, {EDV|DM|CAR_DM|DDL}/{TABLE}/{n}_{NAME}.sql"
    " or metadata/{name}.csv"
)


@dataclass(frozen=True, slots=True)
class ScriptFile:
    """One script: `run_type` for staging, `order` (its number) elsewhere; `table` is in upper case."""

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
        return Tree({}, ()), [Problem(str(root), 0, "is not a directory", "no-directory")]
    files: dict[str, bytes] = {}
    scripts: list[ScriptFile] = []
    problems: list[Problem] = []
    for path in sorted(path for path in root.rglob("*") if not path.is_dir()):
        name = path.relative_to(root).as_posix()
        if name.startswith(f"{MODEL_FOLDER}/") or name in NOT_RELEASED:
            continue
        if path.is_symlink():
            text = f"is a link to {path.readlink()}; put the file itself there"
            problems.append(Problem(name, 0, text, "link", about=_subjects(name)))
            continue
        files[name] = path.read_bytes()
        problems.extend(_place(name, files[name], scripts))
    scripts.sort(key=lambda script: (script.layer, script.table, script.run_type, script.order, script.path))
    return Tree(files, tuple(scripts)), problems + list(_same_order(scripts))


def read_waiver_file(root: Path) -> Mapping[str, bytes]:
    """The waiver file of a tree, which does not travel; nothing when there is none."""
    path = root / WAIVERS
    return {WAIVERS: path.read_bytes()} if path.is_file() else {}


def _place(name: str, content: bytes, scripts: list[ScriptFile]) -> Iterator[Problem]:
    staging, numbered = _STAGING.fullmatch(name), _NUMBERED.fullmatch(name)
    is_metadata = _METADATA.fullmatch(name) is not None and _DOUBLED.fullmatch(name) is None
    if staging is None and numbered is None and not is_metadata:
        yield _misplaced(name)
        return
    subjects = _subjects(name)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        yield Problem(name, line, f"is not UTF-8 at byte {error.start}", "bad-text", about=subjects)
        return
    if "\0" in text:
        line, column = place(text, text.index("\0"))
        yield Problem(name, line, "holds a NUL character", "bad-text", column, about=subjects)
    if not text.strip():
        yield Problem(name, 0, "is empty; write it or delete it", "empty-script", about=subjects)
    elif staging:
        table, run_type, file = staging.groups()
        if file.upper() != table.upper():
            about = (*subjects, f"name:{name}")
            yield Problem(name, 0, f"must be called {table}.sql, like its table", "script-name", about=about)
        scripts.append(ScriptFile(name, "STG", table.upper(), run_type.lower(), 0, text))
    elif numbered:
        layer, table, order = numbered.groups()
        scripts.append(ScriptFile(name, layer.upper(), table.upper(), "", int(order), text))


def _misplaced(name: str) -> Problem:
    doubled = _DOUBLED.fullmatch(name)
    if doubled:
        meant = doubled[1].lower() if doubled[1].startswith("metadata/") else doubled[1]
        text = f"ends in {doubled[2]} twice; rename it to {meant.rpartition('/')[2]}"
        return Problem(name, 0, text, "doubled-ending", about=(*_subjects(meant), *_subjects(name)))
    meant = re.sub(r"\.csv\b.*", ".csv", name.lower()) if name.startswith("metadata/") else name
    about = tuple(dict.fromkeys((*_subjects(name), *_subjects(meant))))
    return Problem(name, 0, f"has no place in a release; {_EXPECTED}", "misplaced-file", about=about)


def _subjects(name: str) -> tuple[str, ...]:
    """The file and, below a layer, the table whose script it would be."""
    layer, _, rest = name.partition("/")
    table = rest.partition("/")[0]
    return (f"file:{name}", f"scripts:{layer.upper()}.{table.upper()}")


def _same_order(scripts: list[ScriptFile]) -> Iterator[Problem]:
    first: dict[tuple[str, str, str, int], str] = {}
    for script in scripts:
        other = first.setdefault((script.layer, script.table, script.run_type, script.order), script.path)
        if other == script.path:
            continue
        text = (
            f"is a second {script.run_type} script of {script.table} beside {other}; names are compared without case"
            if script.layer == "STG"
            else f"has the number {script.order} of {other}; the order must be total"
        )
        yield Problem(script.path, 0, text, "script-order", follows=(f"name:{script.path}", f"name:{other}"))
