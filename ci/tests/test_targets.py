"""Which environment a task builds for."""

import re

import pytest

from monorepo.packages import ROOT
from monorepo.targets import VALUED, named_environment


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["prod"], "prod"),
        (["--yes", "prod", "--max-deletes", "2"], "prod"),
        (["--config-dir", "config", "prod"], "prod"),
        (["--config-dir=config", "--json", "prod", "edv-check-results", "event.json"], "prod"),
        (["--help"], None),
        ([], None),
    ],
)
def test_the_value_of_an_option_is_not_taken_for_the_environment(
    arguments: list[str], expected: str | None
) -> None:
    assert named_environment(arguments) == expected


def test_every_option_of_the_deployer_that_takes_a_value_is_known() -> None:
    sources = (ROOT / "packages/deployer/src/deployer/cli").glob("*.py")
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    annotated = re.findall(
        r"Annotated\[\s*([A-Za-z| ]+?),\s*typer\.Option\(\s*(?:[a-z_]+=[^\"]*)?\"(--[a-z-]+)\"", text
    )
    valued = {option for kind, option in annotated if kind.strip() != "bool"}
    assert len(annotated) > 8
    assert valued <= set(VALUED)
