"""The tree that a command takes: its options, and its compilation."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deployer.cli.errors import FAILED
from deployer.cli.options import environment_of
from deployer.cli.terminal import print_json, say
from deployer.config_release.source import existing_tree, source_of
from deployer.environment_file import Environment
from sql_tree.release.contents import Release

if TYPE_CHECKING:
    from sql_tree.compiler.findings import Findings

Source = Annotated[
    Path | None, typer.Option("--source", help="The tree [configUpload.sourceDir, car_configs].")
]
Limit = Annotated[int, typer.Option("--limit", min=0, help="Lines of the report of findings; 0 for all.")]
Sarif = Annotated[Path | None, typer.Option("--sarif", help="Write the findings as SARIF 2.1.0.")]
Manifest = Annotated[
    Path | None,
    typer.Option("--manifest", help="Write the release's manifest: what each table reads and writes."),
]
LIMIT = 60


def tree_to_check(
    target: str, config_dir: Path | None, source: Path | None
) -> tuple[Path, Environment | None]:
    """The tree to check and its environment; a folder given alone has none."""
    if source is None and ("/" in target or (target != "local" and Path(target).is_dir())):
        return existing_tree(Path(target), "the source directory"), None
    environment = environment_of(target, config_dir)
    return source_of(environment, source), environment


def compiled(root: Path, *, limit: int, sarif: Path | None, as_json: bool) -> tuple[Release, dict[str, Any]]:
    """The release and its findings as JSON data; ends the command when a finding is an error."""
    # Only these commands need the SQL parser; the others should not wait for its import.
    from sql_tree.compiler.compile import examine_tree
    from sql_tree.compiler.report import as_data, text

    found = examine_tree(root)
    _write_sarif(sarif, found.findings)
    data = as_data(root, found.findings)
    report = text(root, found.findings, limit)
    if found.release is None:
        if as_json:
            print_json(data)
        else:
            say(f"error: {report}", style="red")
        raise typer.Exit(FAILED)
    if found.findings.found and not as_json:
        say(report)
    for note in found.notes:
        say(f"note: {note}")
    return found.release, data


def _write_sarif(path: Path | None, findings: "Findings") -> None:
    from sql_tree.compiler.report import as_sarif

    if path is not None:
        path.write_text(json.dumps(as_sarif(findings), indent=1) + "\n", encoding="utf-8")
