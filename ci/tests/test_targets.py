"""Which environment a task builds for."""

import ast
from collections.abc import Iterator

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
    sources = (ROOT / "packages/deployer/src/deployer/cli").rglob("*.py")
    found = [option for path in sources for option in _options(ast.parse(path.read_text(encoding="utf-8")))]
    assert len(found) > 20
    valued = {name for name, kind in found if kind not in {"bool", "bool | None"}}
    assert valued | {"--package"} == set(VALUED)  # that one is of the task build


def _options(module: ast.Module) -> Iterator[tuple[str, str]]:
    """Each option's long name and its type, from every `Annotated[type, typer.Option("--name", ...)]`."""
    for node in ast.walk(module):
        match node:
            case ast.Subscript(value=ast.Name("Annotated"), slice=ast.Tuple([kind, ast.Call() as call])):
                for word in call.args:
                    if isinstance(word, ast.Constant) and str(word.value).startswith("--"):
                        yield str(word.value), ast.unparse(kind)
