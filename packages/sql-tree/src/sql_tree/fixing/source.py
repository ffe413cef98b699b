"""A tree as it is read for fixing: the bytes of every file, what the compiler says of them, and what a model owns."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sql_tree.compiler.compile import examine_tree, scan_all
from sql_tree.compiler.ddl import column_types
from sql_tree.compiler.files import Tree, read_tree
from sql_tree.compiler.findings import Finding, Findings
from sql_tree.compiler.metadata import Metadata, read_metadata
from sql_tree.compiler.producers import Producers, producers
from sql_tree.compiler.scan import Scan
from sql_tree.errors import SqlTreeError
from sql_tree.layout import LAYERS, METADATA_COLUMNS, MODEL_FOLDER
from sql_tree.rendering.tree import OWNED

_HIDING = ("bad-text", "unclosed-quote", "postgres-syntax", "spark-syntax", "not-understood", "unknown-token")


class FixError(SqlTreeError):
    """The tree cannot be read or written."""


@dataclass(frozen=True)
class Snapshot:
    """All files below a root but the model's; `links` are not followed."""

    files: Mapping[str, bytes]
    links: Mapping[str, str]
    has_model: bool

    def is_rendered(self, path: str) -> bool:
        """Whether `nox -s render` would write or delete this file."""
        folder, _, name = path.partition("/")
        owned = folder.upper() in OWNED or (folder == "metadata" and name.lower() in METADATA_COLUMNS)
        return self.has_model and owned

    def findings(self, files: Mapping[str, bytes]) -> Findings:
        """What the compiler finds in a tree of these files."""
        with tempfile.TemporaryDirectory(prefix="sql-tree-") as folder:
            root = Path(folder)
            self.write(root, files)
            return examine_tree(root).findings

    def write(self, root: Path, files: Mapping[str, bytes]) -> None:
        for name, content in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        for name, target in self.links.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.symlink_to(target)


def take_snapshot(root: Path) -> Snapshot:
    """Read every file once. Raises FixError when the folder is no SQL tree."""
    if not root.is_dir():
        raise FixError(f"{root} is not a directory; give the folder that holds STG/, EDV/ and metadata/")
    folders = {path.name.upper() for path in root.iterdir() if path.is_dir()}
    if not folders & {*LAYERS, "METADATA"}:
        raise FixError(f"{root} is no SQL tree: it has none of {', '.join(LAYERS)} and metadata")
    files: dict[str, bytes] = {}
    links: dict[str, str] = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if path.is_symlink():
            links[name] = str(path.readlink())
        elif path.is_file() and not name.startswith(f"{MODEL_FOLDER}/"):
            files[name] = path.read_bytes()
    return Snapshot(files, links, any((root / MODEL_FOLDER).glob("*.y*ml")))


@dataclass(frozen=True)
class Source:
    """Files with what the compiler reads from them."""

    snapshot: Snapshot
    files: Mapping[str, bytes]
    tree: Tree
    metadata: Metadata
    scans: Sequence[Scan]
    found: Findings

    @cached_property
    def produced(self) -> Producers:
        return producers(self.scans, self.metadata)

    @cached_property
    def types(self) -> Mapping[str, Mapping[str, str]]:
        """Column types of the DDL, in lower case, by `schema.table` and column."""
        return column_types(self.scans)

    @cached_property
    def editable(self) -> Sequence[Scan]:
        """The scripts that parse; what another one says is not known well enough to change it."""
        return [scan for scan in self.scans if scan.is_valid and scan.script.path not in self.unread]

    @cached_property
    def unread(self) -> frozenset[str]:
        """Files that hold an error which may hide what else they say."""
        return frozenset(
            finding.problem.file for finding in self.found.found if finding.problem.code in _HIDING
        )

    def open(self, *codes: str) -> list[Finding]:
        """The findings of these kinds that no waiver accepts."""
        return [finding for finding in self.found.open if finding.problem.code in codes]


def read_source(snapshot: Snapshot, files: Mapping[str, bytes]) -> Source:
    """The files scanned and compiled."""
    with tempfile.TemporaryDirectory(prefix="sql-tree-") as folder:
        root = Path(folder)
        snapshot.write(root, files)
        tree, _ = read_tree(root)
        found = examine_tree(root).findings
    metadata, _ = read_metadata(tree.files)
    return Source(snapshot, files, tree, metadata, scan_all(tree), found)
