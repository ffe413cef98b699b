"""`drift`: what is live against what was last applied."""

import typer
from rich.text import Text

from deployer import plan_view
from deployer.cli.errors import DRIFTED, explained
from deployer.cli.options import AsJson, ConfigDir, EnvironmentName, environment_of
from deployer.cli.terminal import print_json, stdout
from deployer.deployment import open_deployment
from deployer.deployments.drift import Drift, Finding, find_drift


def drift(env: EnvironmentName, config_dir: ConfigDir = None, as_json: AsJson = False) -> None:
    """Show what other hands changed since the last deploy; exit code 0 nothing, 3 drift, 1 error."""
    with explained():
        found = find_drift(open_deployment(environment_of(env, config_dir)))
    if as_json:
        print_json(_document(found))
    else:
        for line in _lines(found):
            stdout().print(line)
    raise typer.Exit(DRIFTED if found.findings else 0)


def _document(found: Drift) -> dict[str, object]:
    return {
        "release": found.release,
        "compared": found.compared,
        "findings": [
            {
                "kind": finding.key.kind,
                "name": finding.key.name,
                "state": finding.state.value,
                "fields": [
                    {
                        "field": field.path,
                        "applied": plan_view.shown(field.path, field.old),
                        "live": plan_view.shown(field.path, field.new),
                    }
                    for field in finding.fields
                ],
            }
            for finding in found.findings
        ],
    }


def _lines(found: Drift) -> list[Text]:
    lines = [line for finding in found.findings for line in _finding(finding)]
    against = f"release {found.release}" if found.release else "the stamps (there is no manifest)"
    what = f"{len(found.findings)} drifted" if found.findings else "no drift"
    return [*lines, Text(f"{what}: {found.compared} resources compared with {against}", style="bold")]


def _finding(finding: Finding) -> list[Text]:
    head = Text(f"! {finding.key}: {finding.state.value}", style="yellow")
    return [head, *(plan_view.field_line(field) for field in finding.fields)]
