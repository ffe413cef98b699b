"""`machines`: the definitions that a deploy creates, for example for `nox -s states`."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from deployer.cli.errors import explained
from deployer.cli.options import AsJson, ConfigDir, EnvironmentName, environment_of
from deployer.cli.terminal import print_json, print_text
from deployer.required_permissions.scope import scope_of
from deployer.views.machines import machines as machines_of

Account = Annotated[
    str | None, typer.Option("--account", metavar="ID", help="The account, when the file does not name it.")
]


def machines(
    env: EnvironmentName, config_dir: ConfigDir = None, account: Account = None, as_json: AsJson = False
) -> None:
    """Show the state machines of an environment and what they may call; asks AWS nothing and needs no build."""
    with explained():
        found = machines_of(scope_of(environment_of(env, config_dir), account))
    if as_json:
        print_json(found)
    else:
        print_text(_text(found))


def _text(found: Mapping[str, Any]) -> str:
    lines = [
        f"{name}: {definition['Comment']} ({len(definition['States'])} states, at most "
        f"{definition['TimeoutSeconds']} s)\n"
        for name, definition in found["machines"].items()
    ]
    return "".join([*lines, "--json prints the definitions and the names of functions and jobs\n"])
