"""`drift`: compares live resources with what was last applied."""

import typer

from deployer.cli.errors import DRIFTED, explained
from deployer.cli.options import AsJson, ConfigDir, EnvironmentName, environment_of
from deployer.cli.terminal import print_json, stdout
from deployer.deploying.deployment import open_deployment
from deployer.deploying.drift import find_drift
from deployer.views.drift import document, lines


def drift(env: EnvironmentName, config_dir: ConfigDir = None, as_json: AsJson = False) -> None:
    """Show manual changes since the last deploy; exit code 0 none, 3 drift, 1 error."""
    with explained():
        found = find_drift(open_deployment(environment_of(env, config_dir), planning=True))
    if as_json:
        print_json(document(found))
    else:
        for line in lines(found):
            stdout().print(line)
    raise typer.Exit(DRIFTED if found.findings else 0)
