"""`configs render`."""

from typing import Annotated

import typer

from deployer.cli.configs.tree import Source
from deployer.cli.errors import FAILED, explained
from deployer.cli.terminal import say, stdout
from deployer.config_release.source import DEFAULT_SOURCE
from deployer.environment_file.repository import repository_root
from sql_tree.layout import MODEL_FOLDER


def render(
    check_only: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 when a file is stale.")
    ] = False,
    source: Source = None,
) -> None:
    """Render the scripts of the tree from its declarative model."""
    with explained():
        from sql_tree.model.load import load_model
        from sql_tree.rendering.tree import MIGRATIONS, render_tree, stale_files, write_tree

        root = source or repository_root() / DEFAULT_SOURCE
        tree = render_tree(load_model(root / MODEL_FOLDER), repository_root() / MIGRATIONS)
        changed = stale_files(tree, root) if check_only else write_tree(tree, root)
    for line in changed:
        stdout().print(line)
    if not check_only:
        say(f"{len(tree)} files rendered, {len(changed)} changed")
    elif changed:
        say(f"{len(changed)} files are stale; run nox -s render", style="red")
        raise typer.Exit(FAILED)
