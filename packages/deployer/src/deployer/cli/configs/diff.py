"""`configs diff`: what is different between two releases, and which tables that reaches."""

import re
from functools import cached_property
from pathlib import Path
from typing import Annotated

import typer

from deployer.cli.configs.place import store_of
from deployer.cli.configs.tree import LIMIT, Source, compiled
from deployer.cli.errors import PENDING, explained
from deployer.cli.options import AsJson, ConfigDir, EnvironmentName, environment_of
from deployer.cli.terminal import print_json, stdout
from deployer.config_release.compare import Side, compare, published_side, tree_side
from deployer.config_release.inventory import LIVE, PREVIOUS
from deployer.config_release.source import source_of
from deployer.config_release.store import ReleaseStore
from deployer.deploying.deployment import open_deployment
from deployer.environment_file import Environment
from deployer.environment_file.repository import repository_root
from deployer.views.config_diff import diff_document, diff_lines

TREE = "tree"
_DIGEST = re.compile("[0-9a-f]{4,32}")
_SIDES = "live, previous, tree (the local tree), a folder, or the beginning of a digest"

Old = Annotated[str, typer.Argument(metavar="[A]", help=f"The old side: {_SIDES}.")]
New = Annotated[str, typer.Argument(metavar="[B]", help="The new side, named the same way.")]
Patch = Annotated[bool, typer.Option("--patch", "-p", help="Show what is different in every file, too.")]


def diff(
    env: EnvironmentName,
    old: Old = LIVE,
    new: New = TREE,
    patch: Patch = False,
    source: Source = None,
    config_dir: ConfigDir = None,
    as_json: AsJson = False,
) -> None:
    """Show what a push would change, or what is different between two releases: scripts, load order, lineage, and the
    tables downstream. Exit code 0 no difference, 2 a difference, 1 error.

    `diff prod` compares the live release with the local tree, `diff prod A` compares A with the local tree,
    `diff prod A B` compares A with B.
    """
    with explained():
        sides = _Sides(environment_of(env, config_dir), source, as_json)
        found = compare(sides.of(old), sides.of(new))
    if as_json:
        print_json(diff_document(found, patch=patch))
    else:
        for line in diff_lines(found, patch=patch):
            stdout().print(line)
    raise typer.Exit(PENDING if found.difference.files else 0)


class _Sides:
    """Turns what was asked for into a side; AWS is asked only about published releases."""

    def __init__(self, environment: Environment, source: Path | None, as_json: bool) -> None:
        self._environment = environment
        self._source = source
        self._as_json = as_json

    @cached_property
    def _store(self) -> ReleaseStore:
        return store_of(open_deployment(self._environment))

    def of(self, asked: str) -> Side:
        """The side that is called so. Raises ReleaseError and ManifestError; ends the command for a bad tree."""
        if asked == TREE:
            return self._tree(self._source)
        is_name = asked in {LIVE, PREVIOUS} or _DIGEST.fullmatch(asked)
        if not is_name and ("/" in asked or "\\" in asked or Path(asked).is_dir()):
            return self._tree(Path(asked))
        return published_side(self._store, asked)

    def _tree(self, folder: Path | None) -> Side:
        root = source_of(self._environment, folder)
        release, _ = compiled(root, limit=LIMIT, sarif=None, as_json=self._as_json)
        return tree_side(release, f"tree {_shown(root)}")


def _shown(folder: Path) -> Path:
    root = repository_root()
    return folder.relative_to(root) if folder.is_relative_to(root) else folder
