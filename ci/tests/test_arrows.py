"""Imports point one way: small monorepos in which one arrow points back."""

from __future__ import annotations

import fnmatch
from pathlib import Path

import pytest

from monorepo import arrows
from monorepo.arrows import allowed, check_imports
from monorepo.packages import ROOT, every_package

LAYERS = """
[tool.importlinter]
root_package = "statemachine"
[[tool.importlinter.contracts]]
name = "layers"
type = "layers"
layers = ["statemachine.machine", "statemachine.states"]
"""
OF_CI = "[importlinter]\nroot_package = monorepo\n"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A deployer that uses the state machine, and a Lambda and its ledger."""
    package(tmp_path, "statemachine", states="", machine="from statemachine import states\n", more=LAYERS)
    package(tmp_path, "deployer", uses=("statemachine",), plan="from statemachine import machine\n")
    package(tmp_path, "process-control", ledger="")
    package(tmp_path, "lambda-a", uses=("process-control",), handler="import process_control.ledger\n")
    return tmp_path


def package(root: Path, name: str, *, uses: tuple[str, ...] = (), more: str = "", **modules: str) -> None:
    home, top = root / "packages" / name, name.replace("-", "_")
    paths = "".join(f'{other} = {{ path = "../{other}" }}\n' for other in uses)
    for module, code in {"__init__": "", **modules}.items():
        write(home / "src" / top / f"{module}.py", code)
    write(
        home / "pyproject.toml",
        f'[tool.poetry]\npackages = [{{ include = "{top}" }}]\n[tool.poetry.dependencies]\n{paths}{more}',
    )


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def codes(root: Path, *names: str) -> dict[str, int]:
    return {done.name: done.code for done in check_imports(names, root)}


def test_arrows_that_are_allowed_pass(tree: Path) -> None:
    assert codes(tree) == {"imports between packages": 0, "imports inside statemachine": 0}


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("statemachine/src/statemachine/states.py", "import deployer.plan"),  # back
        (
            "deployer/src/deployer/plan.py",
            "def plan():\n    from lambda_a.handler import x",
        ),  # inside a function
        (
            "process-control/src/process_control/ledger.py",
            "import statemachine",
        ),  # to where the table has no arrow
    ],
)
def test_an_arrow_that_points_back_fails(
    tree: Path, file: str, code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tree / "packages" / file, code)
    assert codes(tree)["imports between packages"] == 1
    importing = Path(file).with_suffix("").name
    assert f".{importing} -> " in capsys.readouterr().out


def test_what_the_table_allows_and_the_pyproject_does_not_name_fails(tree: Path) -> None:
    package(tree, "lambda-b", handler="import process_control.ledger\n")
    assert codes(tree)["imports between packages"] == 1


def test_what_the_pyproject_names_and_the_table_does_not_allow_fails(tree: Path) -> None:
    package(tree, "lambda-b", uses=("statemachine",), handler="import statemachine\n")
    assert codes(tree)["imports between packages"] == 1


def test_a_package_that_is_named_is_checked_alone(tree: Path) -> None:
    write(tree / "packages/process-control/src/process_control/ledger.py", "import statemachine")
    write(tree / "packages/statemachine/src/statemachine/states.py", "from statemachine import machine")
    assert codes(tree, "deployer") == {"imports between packages": 0}
    assert codes(tree, "process-control") == {"imports between packages": 1}
    assert codes(tree, "statemachine") == {"imports between packages": 0, "imports inside statemachine": 1}


def test_an_arrow_back_inside_the_build_code_fails(tmp_path: Path) -> None:
    write(tmp_path / "ci" / "importlinter.ini", (ROOT / "ci" / "importlinter.ini").read_text("utf-8"))
    for path in (ROOT / "ci" / "monorepo").glob("*.py"):
        write(tmp_path / "ci" / "monorepo" / path.name, path.read_text("utf-8"))
    assert codes(tmp_path, "ci") == {"imports inside ci": 0}
    write(tmp_path / "ci" / "monorepo" / "packages.py", "from monorepo import building")
    assert codes(tmp_path, "ci") == {"imports inside ci": 1}


def test_the_table_has_no_circle() -> None:
    """A contract for each pair keeps a circle out only when the table has none."""
    below = {one.name: {local.name for local in allowed(one)} for one in every_package()}
    assert all(one.name not in below[lower] for one in every_package() for lower in below[one.name])
    ours = {name for names in arrows.ALLOWED.values() for name in names}
    assert not any(name.startswith(("lambda-", "glue-", "deployer", "cars-")) for name in ours)


def test_every_line_of_the_table_is_about_packages_of_the_repository() -> None:
    names = {package.name for package in every_package()}
    for pattern, permitted in arrows.ALLOWED.items():
        assert fnmatch.filter(names, pattern), f"no package is called {pattern}"
        assert set(permitted) <= names, f"{pattern} may import what is no package"
