"""The commands under `configs` in one table of contents."""

import typer

from deployer.cli.configs import diff, fix, publishing, releases, rendering

app = typer.Typer(
    help="Check, fix, publish, compare and render car_configs.", no_args_is_help=True, add_completion=False
)
app.command("check")(publishing.check)
app.command("diff")(diff.diff)
app.command("fix")(fix.fix)
app.command("push")(publishing.push)
app.command("releases")(releases.releases)
app.command("rollback")(releases.rollback)
app.command("prune")(releases.prune)
app.command("render")(rendering.render)
